package questionnaire

import (
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"panelverk/internal/fault"
)

var parameterPattern = regexp.MustCompile(`^\s*([A-Za-z_-]+)\s*=\s*("[^"]*"|'[^']*'|\$\{[^{}]*\}|[^\s,;]+)\s*[,;]?\s*`)

// knownParameters gives the parameters of each type. Those of a GPS are known,
// and have no effect on a browser.
var knownParameters = map[Type][]string{
	Range:          {"start", "end", "step", "tick_interval", "placeholder", "tick_labelset"},
	SelectOne:      {"randomize", "seed"},
	SelectMultiple: {"randomize", "seed"},
	Rank:           {"randomize", "seed"},
	Geopoint:       {"allow-mock-accuracy", "capture-accuracy", "warning-accuracy", "reference-geometry"},
	Text:           {"rows"},
	Image:          {"max-pixels", "app", "accept", "max-size"},
	File:           {"accept", "max-size"},
}

// parameters reads key=value pairs, and those of the type into the item.
func (c *compiler) parameters(t *table, r Row, item *Item, typ rowType) map[string]string {
	cell, at := t.get(r, "parameters"), t.at(r, "parameters")
	values := make(map[string]string)
	for rest := strings.TrimSpace(cell); rest != ""; {
		m := parameterPattern.FindStringSubmatch(rest)
		if m == nil {
			c.ps.Add(at, "bad_parameters", "The parameters “%s” cannot be read. Write key=value, with spaces between several, such as start=0 end=10 step=1.", cell)
			return nil
		}
		values[strings.ToLower(m[1])] = strings.Trim(m[2], `"'`)
		rest = rest[len(m[0]):]
	}
	known := knownParameters[item.Type]
	if typ.source == listFromFile {
		known = append(slices.Clone(known), "value", "label")
	}
	for key := range values {
		switch {
		case slices.Contains(known, key):
		case known == nil:
			c.ps.Warn(at, "ignored_cell", "The parameter “%s” has no effect here.", key)
		default:
			c.ps.Add(at, "bad_parameters", "A question of this type has the parameters %s, not “%s”.", strings.Join(known, ", "), key)
		}
	}
	switch item.Type {
	case Range:
		c.rangeParameters(at, values, item)
	case SelectOne, SelectMultiple, Rank:
		c.listParameters(at, values, item)
	case Geopoint:
		c.geopointParameters(at, values)
	case Image, File:
		c.uploadParameters(t, r, at, values, item)
	case Text:
		if text := values["rows"]; text != "" {
			item.TextRows = c.wholeParameter(at, "rows", text)
		}
	}
	return values
}

// wholeParameter reads a number above 0.
func (c *compiler) wholeParameter(at fault.Place, key, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n <= 0 {
		c.ps.Add(at, "bad_parameters", "The parameter %s is not a whole number above 0: “%s”.", key, text)
		return 0
	}
	return n
}

func (c *compiler) listParameters(at fault.Place, values map[string]string, item *Item) {
	switch text := values["randomize"]; {
	case isYes(text):
		item.Randomize = true
	case !isNo(text):
		c.ps.Add(at, "bad_parameters", "The parameter randomize is true or false, not “%s”.", text)
	}
	if seed := values["seed"]; seed != "" {
		if _, err := strconv.ParseFloat(seed, 64); err != nil && !questionRef.MatchString(seed) {
			c.ps.Add(at, "bad_parameters", "The parameter seed is a number or a question such as ${seed}, not “%s”.", seed)
		} else if !item.Randomize {
			c.ps.Add(at, "bad_parameters", "The parameter seed has a meaning only with randomize=true.")
		} else {
			item.Seed = c.parse(item, seed, at, false)
		}
	}
	for _, key := range []string{"value", "label"} {
		if name, ok := values[key]; ok && !isName(name) {
			c.ps.Add(at, "bad_parameters", "The parameter %s names a column of the file, and “%s” is no name: it begins with a letter or _, without spaces.", key, name)
		}
	}
}

// geopointParameters checks what a GPS would be told.
func (c *compiler) geopointParameters(at fault.Place, values map[string]string) {
	for key, text := range values {
		switch key {
		case "capture-accuracy", "warning-accuracy":
			if _, err := strconv.ParseFloat(text, 64); err != nil {
				c.ps.Add(at, "bad_parameters", "The parameter %s is not a number: “%s”.", key, text)
				continue
			}
		case "allow-mock-accuracy":
			if text != "true" && text != "false" {
				c.ps.Add(at, "bad_parameters", "The parameter %s is true or false, not “%s”.", key, text)
				continue
			}
		case "reference-geometry":
			c.geometries = append(c.geometries, geometryUse{text, at})
		default:
			continue // reported already
		}
		c.ps.Warn(at, "ignored_cell", "The parameter “%s” has no effect in a browser.", key)
	}
}

// geometryUse is a parameter reference-geometry, which waits for all lists.
type geometryUse struct {
	name string
	at   fault.Place
}

// checkGeometries sees to it that what a map would show beside the question is
// a list, a file or a repeat.
func (c *compiler) checkGeometries() {
	for _, use := range c.geometries {
		list := c.q.Lists[use.name]
		known := list != nil && list.sheet == sheetChoices && c.searched[list] == nil || slices.Contains(c.xml, use.name)
		for name, file := range c.wanted {
			known = known || file.table && !file.pulled && strings.TrimSuffix(name, path.Ext(name)) == use.name
		}
		if m := questionRef.FindStringSubmatch(use.name); m != nil {
			repeat := c.q.byName[m[1]]
			known = repeat != nil && repeat.Repeat
		}
		if !known {
			c.ps.Add(use.at, "bad_parameters", "The parameter reference-geometry is the name of a choice list, of a file without its ending, or a repeat such as ${places}, not “%s”.", use.name)
		}
	}
}

// uploadParameters reads the limits of an upload. XLSForm has max-pixels and
// the column body::accept; accept and max-size are ours.
func (c *compiler) uploadParameters(t *table, r Row, at fault.Place, values map[string]string, item *Item) {
	if app := values["app"]; app != "" {
		c.ps.Add(at, "unsupported", "The parameter app is out of scope: it starts another app.")
	}
	if text := values["max-pixels"]; text != "" {
		item.Upload.MaxPixels = c.wholeParameter(at, "max-pixels", text)
	}
	accept, from := values["accept"], at
	if cell := t.get(r, "body::accept"); cell != "" {
		accept, from = cell, t.at(r, "body::accept")
	}
	for _, kind := range strings.FieldsFunc(accept, func(r rune) bool { return r == ',' || r == ' ' }) {
		if !acceptPattern.MatchString(kind) {
			c.ps.Add(from, "bad_parameters", "“%s” is no kind of file. Write image/*, application/pdf or .docx, with commas between.", kind)
			continue
		}
		item.Upload.Accept = append(item.Upload.Accept, strings.ToLower(kind))
	}
	if text := values["max-size"]; text != "" {
		size, ok := readSize(text)
		if !ok {
			c.ps.Add(at, "bad_parameters", "The parameter max-size is a size such as 500kB or 5MB, not “%s”.", text)
		}
		item.Upload.MostBytes = size
	}
	if item.Type == Image && len(item.Upload.Accept) == 0 {
		item.Upload.Accept = []string{"image/*"}
	}
}

var (
	acceptPattern = regexp.MustCompile(`(?i)^(\.[a-z0-9]+|[a-z]+/(\*|[a-z0-9.+-]+))$`)
	sizePattern   = regexp.MustCompile(`(?i)^([0-9]+(?:\.[0-9]+)?)\s*(k|m)?b?$`)
)

// readSize reads 5MB, 500 kB or a number of bytes; k and M are thousands.
func readSize(text string) (int64, bool) {
	m := sizePattern.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	f, err := strconv.ParseFloat(m[1], 64)
	switch strings.ToLower(m[2]) {
	case "k":
		f *= 1e3
	case "m":
		f *= 1e6
	}
	return int64(f), err == nil && f >= 1 && f < 1e12
}

// rangeParameters reads start, end and step. Their defaults are 1, 10 and 1, as
// the ODK form reference says and XLSForm's converter does; the page xlsform.org
// says 0 for the start.
func (c *compiler) rangeParameters(at fault.Place, values map[string]string, item *Item) {
	item.RangeStart, item.RangeEnd, item.RangeStep = 1, 10, 1
	var placeholder float64
	good := true
	for key, target := range map[string]*float64{
		"start": &item.RangeStart, "end": &item.RangeEnd, "step": &item.RangeStep, "tick_interval": &item.TickInterval, "placeholder": &placeholder,
	} {
		text, ok := values[key]
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			good = false
			c.ps.Add(at, "bad_parameters", "The parameter %s is not a number: “%s”.", key, text)
			continue
		}
		*target = f
	}
	if !good {
		return
	}
	span := math.Abs(item.RangeEnd - item.RangeStart)
	item.RangeStep, item.TickInterval = math.Abs(item.RangeStep), math.Abs(item.TickInterval) // a line that runs down may be written with either sign
	switch {
	case item.RangeStep == 0:
		c.ps.Add(at, "bad_parameters", "The step of a range cannot be 0.")
		return
	case item.RangeStep > span:
		c.ps.Add(at, "bad_parameters", "The step of the range is larger than the range from start to end.")
		return
	}
	c.rangeMarks(at, values, item, placeholder, span)
}

// rangeMarks checks what a range shows besides its line.
func (c *compiler) rangeMarks(at fault.Place, values map[string]string, item *Item, placeholder, span float64) {
	onStep := func(f float64) bool { return isMultiple(f-item.RangeStart, item.RangeStep) }
	onLine := func(f float64) bool {
		return f >= min(item.RangeStart, item.RangeEnd) && f <= max(item.RangeStart, item.RangeEnd)
	}
	for _, key := range []string{"tick_interval", "placeholder", "tick_labelset"} {
		if _, ok := values[key]; ok && !isNumberLine(item) {
			c.ps.Add(at, "bad_parameters", "The parameter %s belongs to a number line, and cannot be combined with the appearance “%s”.", key, item.Appearance)
		}
	}
	if _, ok := values["tick_interval"]; ok {
		switch {
		case item.TickInterval == 0 || item.TickInterval > span:
			c.ps.Add(at, "bad_parameters", "The parameter tick_interval is above 0 and no larger than the range.")
		case !isMultiple(item.TickInterval, item.RangeStep):
			c.ps.Add(at, "bad_parameters", "The parameter tick_interval is not a multiple of the step.")
		}
	}
	if _, ok := values["placeholder"]; ok {
		item.Placeholder = &placeholder
		c.ps.Warn(at, "ignored_cell", "The parameter placeholder has no effect here: a scale begins without a mark on it.")
		switch {
		case !onLine(placeholder):
			c.ps.Add(at, "bad_parameters", "The parameter placeholder is not between start and end.")
		case !onStep(placeholder):
			c.ps.Add(at, "bad_parameters", "The parameter placeholder is not a step of the range.")
		}
	}
	name, ok := values["tick_labelset"]
	if !ok {
		return
	}
	item.TickLabels = c.q.Lists[name]
	if item.TickLabels == nil {
		c.ps.Add(at, "missing_list", "The choices sheet has no list “%s”, which the parameter tick_labelset names.", name)
		return
	}
	interval := item.RangeStep
	if item.TickInterval > 0 {
		interval = item.TickInterval
	}
	for _, choice := range item.TickLabels.Choices {
		f, err := strconv.ParseFloat(choice.Name, 64)
		switch {
		case err != nil:
			c.ps.Add(at, "bad_parameters", "The names in the list “%s” are values of the range, and “%s” is not a number.", name, choice.Name)
		case !onLine(f):
			c.ps.Add(at, "bad_parameters", "The value %s of the list “%s” is not between start and end.", choice.Name, name)
		case item.Appears("no-ticks") && f != item.RangeStart && f != item.RangeEnd:
			c.ps.Add(at, "bad_parameters", "Without ticks only the start and the end of a range have labels, and the list “%s” has one for %s.", name, choice.Name)
		case !isMultiple(f-item.RangeStart, interval):
			c.ps.Add(at, "bad_parameters", "The value %s of the list “%s” is not where the range has a mark.", choice.Name, name)
		}
	}
}

// isNumberLine tells a range that is shown as a line, not as stars or a list.
func isNumberLine(item *Item) bool {
	for _, word := range strings.Fields(strings.ToLower(item.Appearance)) {
		if word != "vertical" && word != "no-ticks" && !widthAppearance.MatchString(word) {
			return false
		}
	}
	return true
}

// isMultiple tells whether f is a whole number of steps, as far as decimal
// fractions in binary allow.
func isMultiple(f, step float64) bool {
	n := f / step
	return math.Abs(n-math.Round(n)) < 1e-9*max(1, math.Abs(n))
}

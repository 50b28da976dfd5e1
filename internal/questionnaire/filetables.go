package questionnaire

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// readItems reads an XML file of choices, <root><item><name>…</name>…</item>…
// </root>, as a table: what stands in each item is a column.
func readItems(data []byte) ([][]string, error) {
	var file struct {
		Items []struct {
			Cells []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:",any"`
		} `xml:"item"`
	}
	if err := xml.Unmarshal(data, &file); err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.New("it is no XML file with a root and items in it")
	}
	if len(file.Items) > mostFileRows {
		return nil, errors.New("it has more than " + strconv.Itoa(mostFileRows) + " items")
	}
	var header []string
	column := make(map[string]int)
	for _, item := range file.Items {
		for _, cell := range item.Cells {
			if _, ok := column[cell.XMLName.Local]; !ok {
				column[cell.XMLName.Local] = len(header)
				header = append(header, cell.XMLName.Local)
			}
		}
	}
	if header == nil {
		return nil, errors.New("it has no items with something in them")
	}
	rows := [][]string{header}
	for _, item := range file.Items {
		row := make([]string, len(header))
		for _, cell := range item.Cells {
			row[column[cell.XMLName.Local]] = cleanCell(cell.Text, false)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// readGeoJSON reads a FeatureCollection (RFC 7946) as a table: its features'
// properties, their id, and their geometry as XForms writes it, latitude first.
func readGeoJSON(data []byte) ([][]string, error) {
	var file struct {
		Type     string
		Features []struct {
			ID         any
			Properties map[string]any
			Geometry   struct {
				Type        string
				Coordinates json.RawMessage
			}
		}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&file); err != nil || file.Type != "FeatureCollection" {
		return nil, errors.New("it is no GeoJSON file with one FeatureCollection")
	}
	if len(file.Features) > mostFileRows {
		return nil, errors.New("it has more than " + strconv.Itoa(mostFileRows) + " features")
	}
	known := map[string]bool{"geometry": true}
	header := []string{"id", "title", "geometry"}
	known["id"], known["title"] = true, true
	for _, f := range file.Features {
		for _, name := range slices.Sorted(maps.Keys(f.Properties)) {
			if !known[name] {
				known[name], header = true, append(header, name)
			}
		}
	}
	rows := [][]string{header}
	for _, f := range file.Features {
		row := make([]string, len(header))
		for i, name := range header {
			row[i] = cleanCell(jsonText(f.Properties[name]), false)
		}
		if f.ID != nil {
			row[0] = cleanCell(jsonText(f.ID), false)
		}
		points, err := geoPoints(f.Geometry.Type, f.Geometry.Coordinates)
		if err != nil {
			return nil, err
		}
		row[2] = points
		rows = append(rows, row)
	}
	return rows, nil
}

func jsonText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return "" // it came from JSON: cannot fail
		}
		return string(text)
	}
}

// geoPoints writes the points of a geometry: "lat lon alt accuracy" with
// semicolons between.
func geoPoints(kind string, coordinates json.RawMessage) (string, error) {
	var points [][]json.Number
	var err error
	switch kind {
	case "Point":
		points = make([][]json.Number, 1)
		err = json.Unmarshal(coordinates, &points[0])
	case "LineString":
		err = json.Unmarshal(coordinates, &points)
	case "Polygon":
		var rings [][][]json.Number
		if err = json.Unmarshal(coordinates, &rings); err == nil && len(rings) > 0 {
			points = rings[0]
		}
	default:
		err = errors.New(kind)
	}
	if err != nil {
		return "", errors.New("a feature is neither a Point, a LineString nor a Polygon")
	}
	written := make([]string, len(points))
	for i, p := range points {
		if len(p) < 2 {
			return "", errors.New("a point has no two coordinates")
		}
		altitude := json.Number("0")
		if len(p) > 2 {
			altitude = p[2]
		}
		written[i] = p[1].String() + " " + p[0].String() + " " + altitude.String() + " 0"
	}
	return strings.Join(written, ";"), nil
}

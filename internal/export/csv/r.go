package csv

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// R writes a script that reads a CSV file of ours in base R, and gives numbers
// haven's labels where the package haven is there. The numbers stay as they are
// in the file, missing codes included; as_missing() makes NA of them.
func R(w io.Writer, t *export.Table, about *export.About, file string) error {
	tag, data := about.Language(), rName(t.Name)
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Reads %[1]s, from wherever this file lies. In R:
#
#     source("%[4]s", encoding = "UTF-8")
#
# %[2]s holds the missing codes as they are (-1 don't know ... -12 not yet a
# member), as user-defined missing values where the package haven is installed:
# is.na() is true of them. as_missing(%[2]s) makes plain NA of them.
%[2]s <- local({
  # source() and Rscript know where this file is; run line by line, it is the working directory.
  here <- c(unlist(lapply(sys.frames(), function(f) get0("ofile", f, mode = "character", inherits = FALSE))),
    sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE)))
  path <- c(file.path(rev(dirname(here)), %[3]s), %[3]s)
  read.csv(c(path[file.exists(path)], %[3]s)[1], colClasses = "character", na.strings = character(),
    encoding = "UTF-8", check.names = FALSE, strip.white = FALSE)
})

labelled_number <- function(x, label, labels = NULL, missing = NULL) {
  x <- as.numeric(x)
  if (requireNamespace("haven", quietly = TRUE))
    return(haven::labelled_spss(x, labels = labels, na_range = missing, label = label))
  structure(x, label = label, labels = labels, na_range = missing)
}
labelled_text <- function(x, label) structure(x, label = label)
labelled_date <- function(x, label) {
  x[x == ""] <- NA
  structure(as.Date(x, "%%Y-%%m-%%d"), label = label)
}
labelled_moment <- function(x, label) {
  x[x == ""] <- NA
  structure(as.POSIXct(x, format = "%%Y-%%m-%%dT%%H:%%M:%%OS", tz = "UTC"), label = label)
}
as_missing <- function(d) {
  for (name in names(d)) {
    range <- attr(d[[name]], "na_range")
    if (is.null(range)) next
    x <- as.numeric(unclass(d[[name]]))
    x[!is.na(x) & x >= range[1] & x <= range[2]] <- NA
    d[[name]] <- structure(x, label = attr(d[[name]], "label"))
  }
  d
}

`, file, data, rText(file), programName(file, ".R"))
	for _, c := range t.Columns {
		v, label := c.Variable, rText(about.Label(tag, c))
		switch v.Kind {
		case dataset.Text:
			fmt.Fprintf(&b, "%[1]s[[%[2]q]] <- labelled_text(%[1]s[[%[2]q]], %[3]s)\n", data, c.Name, label)
		case dataset.Date:
			fmt.Fprintf(&b, "%[1]s[[%[2]q]] <- labelled_date(%[1]s[[%[2]q]], %[3]s)\n", data, c.Name, label)
		case dataset.DateTime:
			fmt.Fprintf(&b, "%[1]s[[%[2]q]] <- labelled_moment(%[1]s[[%[2]q]], %[3]s)\n", data, c.Name, label)
		case dataset.Number:
			fmt.Fprintf(&b, "%[1]s[[%[2]q]] <- labelled_number(%[1]s[[%[2]q]], %[3]s", data, c.Name, label)
			if values := about.Values(tag, v); len(values) > 0 {
				b.WriteString(",\n  " + rValues(values))
				if slices.ContainsFunc(values, func(v export.Value) bool { return v.Missing != 0 }) {
					low, high := export.MissingRange(v)
					fmt.Fprintf(&b, ",\n  c(%s, %s)", number(low), number(high))
				}
			}
			b.WriteString(")\n")
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// rName gives what the data frame of a table is called: its name, and more where
// that is a word of R's or of the script's.
func rName(table string) string {
	switch table {
	case "repeat", "while", "next", "TRUE", "FALSE", "NULL", "NA", "NaN", "Inf", "labelled_number", "labelled_text", "labelled_date", "labelled_moment", "as_missing":
		return table + "_data"
	}
	return table
}

// rValues gives a named vector. R wants every label once: one that comes back
// is told apart by its code. It takes names up to 10,000 bytes in c(), and longer
// ones in structure().
func rValues(values []export.Value) string {
	seen := map[string]bool{}
	var labels, codes []string
	for _, v := range values {
		label := v.Label
		if label == "" || seen[label] {
			label = strings.TrimSpace(fmt.Sprintf("%s (%s)", label, number(v.Code)))
		}
		seen[label] = true
		labels, codes = append(labels, rText(label)), append(codes, number(v.Code))
	}
	return "structure(c(" + strings.Join(codes, ", ") + "), names = c(\n    " + strings.Join(labels, ",\n    ") + "))"
}

var rEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`)

func rText(s string) string { return `"` + rEscapes.Replace(s) + `"` }

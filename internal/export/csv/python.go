package csv

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"panelverk/internal/dataset"
	"panelverk/internal/export"
)

// Python writes a script that reads a CSV file of ours with pandas. Numbers stay
// as they are in the file, missing codes included: as_missing makes NaN of them,
// as_categories words.
func Python(w io.Writer, t *export.Table, about *export.About, file string) error {
	tag := about.Language()
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Reads %s with pandas:
#
#     import runpy
#     panel = runpy.run_path("%s")
#     data, as_missing, as_categories = panel["data"], panel["as_missing"], panel["as_categories"]
#
# panel["LABELS"] says what the variables are, panel["VALUES"] and panel["MISSING"] what codes stand for.
# data holds the missing codes as they are (-1 don't know ... -12 not yet a member).
# as_missing(data) makes NaN of them, as_categories(data) words of coded answers.
import datetime
import os

import pandas as pd

LABELS = {
`, file, programName(file, ".py"))
	for _, c := range t.Columns {
		fmt.Fprintf(&b, "    %s: %s,\n", python(c.Name), python(about.Label(tag, c)))
	}
	b.WriteString("}\n\n# What a code stands for.\nVALUES = {\n")
	b.WriteString(pythonValues(t, about, false))
	b.WriteString("}\n\n# Why a value is missing.\nMISSING = {\n")
	b.WriteString(pythonValues(t, about, true))
	b.WriteString("}\n\n")
	for _, kind := range []struct {
		name string
		of   dataset.Kind
	}{{"NUMBERS", dataset.Number}, {"DATES", dataset.Date}, {"MOMENTS", dataset.DateTime}} {
		var names []string
		for _, c := range t.Columns {
			if c.Variable.Kind == kind.of {
				names = append(names, python(c.Name))
			}
		}
		fmt.Fprintf(&b, "%s = [%s]\n", kind.name, strings.Join(names, ", "))
	}
	var ordered []string
	for _, c := range t.Columns {
		if len(c.Variable.Values) > 0 && export.MeasureOf(c.Variable) == export.Ordinal {
			ordered = append(ordered, python(c.Name))
		}
	}
	set := "set()"
	if len(ordered) > 0 {
		set = "{" + strings.Join(ordered, ", ") + "}"
	}
	fmt.Fprintf(&b, pythonReader, set, python(file), python(file))
	_, err := w.Write(b.Bytes())
	return err
}

// pythonReader reads the file: the coded answers that have an order, and the
// file's name twice, are put in.
const pythonReader = `ORDERED = %s


def numbers(texts):
    # pandas.to_numeric reads some numbers a hair beside what they are.
    exact = texts.astype("float64")
    whole = (exact %% 1 == 0).all() and (exact.abs() < 2**53).all()
    return exact.astype("int64") if whole else exact


def moments(texts):
    # Python's own where pandas has none so early or late.
    own = [datetime.datetime.fromisoformat(text) if text else None for text in texts]
    try:
        return pd.Series(pd.to_datetime(own), index=texts.index)
    except pd.errors.OutOfBoundsDatetime:
        return pd.Series([pd.NaT if at is None else at for at in own], index=texts.index, dtype=object)


def read(path=%s):
    d = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8")
    for name in NUMBERS:
        d[name] = numbers(d[name])
    for name in DATES + MOMENTS:
        d[name] = moments(d[name])
    return d


def as_missing(d):
    """Gives a copy in which the missing codes of numbers are NaN."""
    d = d.copy()
    for name, codes in MISSING.items():
        if name in d.columns:
            d[name] = d[name].where(~d[name].isin(codes.keys()))
    return d


def as_categories(d):
    """Gives a copy in which coded answers are words, and missing ones NaN."""
    d = as_missing(d)
    for name, labels in VALUES.items():
        if name in d.columns:
            order = list(dict.fromkeys(labels.values()))
            d[name] = pd.Categorical(d[name].map(labels), categories=order, ordered=name in ORDERED)
    return d


data = read(os.path.join(os.path.dirname(os.path.abspath(__file__)), %s))
`

// pythonValues gives the labels of codes, or of missing codes, of every column.
func pythonValues(t *export.Table, about *export.About, missing bool) string {
	var b strings.Builder
	for _, c := range t.Columns {
		var pairs []string
		for _, v := range about.Values(about.Language(), c.Variable) {
			if (v.Missing != 0) == missing {
				pairs = append(pairs, fmt.Sprintf("%s: %s", number(v.Code), python(v.Label)))
			}
		}
		if len(pairs) > 0 {
			fmt.Fprintf(&b, "    %s: {%s},\n", python(c.Name), strings.Join(pairs, ", "))
		}
	}
	return b.String()
}

// python gives a text as a literal: JSON's are Python's.
func python(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a text alone
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func number(n float64) string { return string(appendNumber(nil, n)) }

"""Prints what pandas reads of Stata files, a line for each thing; texts are in
hexadecimal, so that nothing between here and the test changes them."""
import sys
import warnings
from pandas.io.stata import StataMissingValue, StataReader

warnings.simplefilter("error")
warnings.filterwarnings("ignore", category=DeprecationWarning)


def word(text):
    return "x" + text.encode("utf-8").hex()


def cell(value):
    if isinstance(value, str):
        return word(value)
    if isinstance(value, StataMissingValue):
        return "m" + value.string.strip(".")
    return "n%.17g" % value


for name in sys.argv[1:]:
    with StataReader(name) as reader:  # another one: whoever reads the labels first gets no long texts
        labels, values = reader.variable_labels(), reader.value_labels()
    with StataReader(name, convert_dates=False, convert_categoricals=False, convert_missing=True) as reader:
        data = reader.read()
        print("file", len(data), word(reader.data_label))
        for column, form, named in zip(data.columns, reader.fmtlist, reader.lbllist):
            print("column", column, word(labels[column]), form, named or "-")
            for code, label in values.get(named, {}).items():
                first = 2147483621
                code = int(code)
                print("label", "m" + "abcdefghijklmnopqrstuvwxyz"[code - first - 1] if code > first else "n%d" % code, word(label))
            for value in data[column]:
                print("cell", cell(value))

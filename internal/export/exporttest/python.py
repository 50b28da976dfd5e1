"""Prints what Python reads of files, a line for each thing: of .dta with pandas,
of CSV with our program beside it, of .xlsx with openpyxl. Texts are in
hexadecimal, so that nothing between here and the test changes them."""
import datetime
import os
import runpy
import sys
import warnings

warnings.simplefilter("error")
warnings.filterwarnings("ignore", category=DeprecationWarning)
EPOCH = datetime.datetime(1970, 1, 1)


def word(text):
    return "x" + text.encode("utf-8").hex()


def number(value):
    return "n%.17g" % value


def stata(name):
    from pandas.io.stata import StataMissingValue, StataReader

    def cell(value):
        if isinstance(value, str):
            return word(value)
        if isinstance(value, StataMissingValue):
            return "m" + value.string.strip(".")
        return number(value)

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


def program(name):
    import pandas as pd
    inside = runpy.run_path(name)
    data, dates = inside["data"], inside["DATES"]
    print("file", len(data), "-")
    for column in data.columns:
        print("column", column, word(inside["LABELS"][column]), "-", "-")
        codes = {**inside["MISSING"].get(column, {}), **inside["VALUES"].get(column, {})}
        for code in sorted(codes):
            print("label", number(code), word(codes[code]))
        for value in data[column]:
            if isinstance(value, str):
                print("cell", word(value))
            elif pd.isna(value):
                print("cell m")
            elif isinstance(value, datetime.datetime):
                past = value.to_pydatetime() - EPOCH if hasattr(value, "to_pydatetime") else value - EPOCH
                print("cell", number(past.days if column in dates else past.total_seconds()))
            else:
                print("cell", number(value))


def workbook(name):
    import openpyxl
    book = openpyxl.load_workbook(name, read_only=True)
    for sheet in book.worksheets:
        if not sheet.title.startswith(("Data_", "Rep_")):
            continue
        rows = list(sheet.iter_rows())
        print("file", len(rows) - 1, word(sheet.title))
        for i, head in enumerate(rows[0]):
            print("column", head.value, "-", "-", "-")
            for row in rows[1:]:
                value = row[i].value if i < len(row) else None
                if value is None:
                    print("cell m")
                elif row[i].data_type == "f":
                    print("cell", word("a formula"))
                elif isinstance(value, datetime.datetime):
                    past = value - EPOCH
                    print("cell", number(past.total_seconds() if "h" in row[i].number_format else past.days))
                elif isinstance(value, str):
                    print("cell", word(value.replace("_x005F_", "_")))  # openpyxl leaves the escape as it is
                else:
                    print("cell", number(value))


for one in sys.argv[1:]:
    {".dta": stata, ".py": program, ".xlsx": workbook}[os.path.splitext(one)[1]](one)

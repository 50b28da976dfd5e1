# Prints what R reads of files, a line for each thing: of .sav and .dta with the
# package haven, of CSV with our program beside it. Texts are in hexadecimal, so
# that nothing between here and the test changes them.
suppressPackageStartupMessages(library(haven))

hex <- function(s) {
  vapply(enc2utf8(s), function(one) paste0("x", paste(as.character(charToRaw(one)), collapse = "")), "", USE.NAMES = FALSE)
}
word <- function(s) if (is.null(s)) "-" else hex(as.character(s)[1])
number <- function(x) {
  x <- unclass(x)
  tag <- rep(NA_character_, length(x))
  if (is.double(x)) tag <- na_tag(x)
  ifelse(is.na(x), ifelse(is.na(tag), "m", paste0("m", tag)), sprintf("n%.17g", x))
}
program <- function(file) {
  was <- setwd(dirname(file))
  on.exit(setwd(was))
  inside <- new.env()
  source(basename(file), local = inside, encoding = "UTF-8")
  inside[[Filter(function(name) is.data.frame(inside[[name]]), ls(inside))]]
}
open <- function(file) {
  switch(sub(".*[.]", "", file), sav = read_sav(file, user_na = TRUE), dta = read_dta(file), R = program(file))
}

for (file in commandArgs(TRUE)) {
  data <- open(file)
  cat("file", nrow(data), word(attr(data, "label")), "\n")
  for (name in names(data)) {
    column <- data[[name]]
    format <- c(attr(column, "format.spss", TRUE), attr(column, "format.stata", TRUE), "-")[1]
    cat("column", name, word(attr(column, "label", TRUE)), format, paste(class(column), collapse = ","), "\n")
    range <- attr(column, "na_range")
    if (!is.null(range)) cat("range", number(as.double(range)), "\n")
    labels <- attr(column, "labels")
    if (length(labels)) cat(paste("label", number(as.double(labels)), hex(names(labels)), "\n"), sep = "")
    if (length(column)) cat(paste("cell", if (is.character(column)) hex(column) else number(column), "\n"), sep = "")
  }
}

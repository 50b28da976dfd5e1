# Prints what the R package haven reads of files, a line for each thing; texts
# are in hexadecimal, so that nothing between here and the test changes them.
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

for (file in commandArgs(TRUE)) {
  sav <- grepl("[.]sav$", file)
  data <- if (sav) read_sav(file, user_na = TRUE) else read_dta(file)
  cat("file", nrow(data), word(attr(data, "label")), "\n")
  for (name in names(data)) {
    column <- data[[name]]
    format <- attr(column, if (sav) "format.spss" else "format.stata")
    cat("column", name, word(attr(column, "label")), format, paste(class(column), collapse = ","), "\n")
    range <- attr(column, "na_range")
    if (!is.null(range)) cat("range", number(as.double(range)), "\n")
    labels <- attr(column, "labels")
    if (length(labels)) cat(paste("label", number(as.double(labels)), hex(names(labels)), "\n"), sep = "")
    if (length(column)) cat(paste("cell", if (is.character(column)) hex(column) else number(column), "\n"), sep = "")
  }
}

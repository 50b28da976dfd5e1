package lang

// Fill fills a text as T does with that of a key.
func Fill(t *Texts, text string, args ...any) string { return t.fill(text, args) }

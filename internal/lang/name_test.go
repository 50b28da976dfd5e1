package lang

import "testing"

func TestNameAndDirection(t *testing.T) {
	for _, c := range []struct{ tag, name, dir string }{
		{"sv", "Svenska", "ltr"}, {"en", "English", "ltr"}, {"de", "Deutsch", "ltr"}, {"sw", "Kiswahili", "ltr"}, {"uk", "Українська", "ltr"},
		{"sr-Latn", "Srpski", "ltr"}, {"sr", "Српски", "ltr"}, {"fi", "Suomi", "ltr"},
		{"ar", "العربية", "rtl"}, {"fa", "فارسی", "rtl"}, {"he", "עברית", "rtl"}, {"ckb", "کوردیی ناوەندی", "rtl"}, {"az-Arab", "az-Arab", "rtl"}, {"az", "Azərbaycan", "ltr"},
		{"rmf", "rmf", "ltr"}, {"not a tag", "not a tag", "ltr"},
	} {
		if name, dir := Name(c.tag), Direction(c.tag); name != c.name || dir != c.dir {
			t.Errorf("%s: %q %s, want %q %s", c.tag, name, dir, c.name, c.dir)
		}
	}
	for _, tag := range Tags {
		if own := For(tag).T("language.name"); Name(tag) != own {
			t.Errorf("%s: %q, and our pages say %q", tag, Name(tag), own)
		}
	}
}

package rich

import "testing"

// The examples are of the kinds that XLSForm's page on styling shows, and of
// what somebody might try.
func TestLabelsAreLightMarkdown(t *testing.T) {
	for _, c := range []struct{ label, html, text string }{
		{"Plain", "Plain", "Plain"},
		{"a < b & c > d", "a &lt; b &amp; c &gt; d", "a < b & c > d"},
		{"**bold** and *slanted*, __bold__ and _slanted_", "<strong>bold</strong> and <em>slanted</em>, <strong>bold</strong> and <em>slanted</em>", "bold and slanted, bold and slanted"},
		{"snake_case_name 2*3*4 5 * 6", "snake_case_name 2<em>3</em>4 5 * 6", "snake_case_name 234 5 * 6"},
		{`2\*3\*4 and \_this\_`, "2*3*4 and _this_", "2*3*4 and _this_"},
		{"[a page](https://example.org/a_b_c) or [mail](mailto:a@example.org)", `<a href="https://example.org/a_b_c" rel="noreferrer">a page</a> or <a href="mailto:a@example.org" rel="noreferrer">mail</a>`, "a page or mail"},
		{"[no](javascript:alert(1))", "[no](javascript:alert(1))", "[no](javascript:alert(1))"},
		{"# Heading", "<strong>Heading</strong>", "Heading"},
		{"one\ntwo", "one<br>two", "one two"},
		{"pick:\n- this\n- that", "pick:<br>• this<br>• that", "pick: • this • that"},
		{`<span style="color:red">stop</span>`, `<span class="c-red">stop</span>`, "stop"},
		{`<span style='font-family:x; color: #0a0'>go <b>on</b></span>`, `<span class="c-green">go <b>on</b></span>`, "go on"},
		{`<span style="background:url(https://example.org)">x</span>`, "<span>x</span>", "x"},
		{`<span style="color:red">open`, `<span class="c-red">open</span>`, "open"},
		{`shut</span></b>`, "shut", "shut"},
		{`<b>a<i>b</b>c</i>`, "<b>a<i>bc</i></b>", "abc"},
		{`<script>alert(1)</script>`, "&lt;script&gt;alert(1)&lt;/script&gt;", "<script>alert(1)</script>"},
		{`<b onclick="x()">y</b>`, "<b>y</b>", "y"},
		{`<img src=x onerror=alert(1)>`, "&lt;img src=x onerror=alert(1)&gt;", "<img src=x onerror=alert(1)>"},
		{"line<br/>break", "line<br>break", "line break"},
		{Literal("**me** <b>[x](https://e.org) # - _y_ \\"), "**me** &lt;b&gt;[x](https://e.org) # - _y_ \\", "**me** <b>[x](https://e.org) # - _y_ \\"},
		{"*\ue03cscript\ue03e*", "<em>&lt;script\ue03e</em>", "<script\ue03e"}, // a letter that stands for a mark is no way in
		{"🙂 emoji", "🙂 emoji", "🙂 emoji"},
	} {
		if got := string(Line(c.label)); got != c.html {
			t.Errorf("%q is drawn as %s, want %s", c.label, got, c.html)
		}
		if got := Plain(c.label); got != c.text {
			t.Errorf("%q is read as %q, want %q", c.label, got, c.text)
		}
	}
}

func TestALongLabelIsAHeadingAndItsText(t *testing.T) {
	for _, c := range []struct{ label, head, rest string }{
		{"One line", "One line", ""},
		{"Two\nlines", "Two\nlines", ""},
		{"Head\r\n\r\nText\nmore\n\nlast", "Head", "<p>Text<br>more</p><p>last</p>"},
		{"Head\n- a\n- **b**\n1. c\n2) d\n## e\nf", "Head", "<ul><li>a</li><li><strong>b</strong></li></ul><ol><li>c</li><li>d</li></ol><p><strong>e</strong></p><p>f</p>"},
		{"- only\n- a list", "- only", "<ul><li>a list</li></ul>"},
		{"", "", ""},
	} {
		head, rest := Split(c.label)
		if got := string(Blocks(rest)); head != c.head || got != c.rest {
			t.Errorf("%q has the heading %q and the text %s, want %q and %s", c.label, head, got, c.head, c.rest)
		}
	}
}

func TestColoursAreTheNearestOfOurs(t *testing.T) {
	for attribute, want := range map[string]string{
		`style="color:#f58a1f"`: "c-amber", `style="color: #00F"`: "c-blue", `color="purple"`: "c-purple", `style="color:#888888"`: "c-grey",
		`style="color:black"`: "", `style="color:#111"`: "", `style="background-color:red"`: "", `style="color:octarine"`: "", `style="font-size:20px"`: "",
		`style="color:#ff0000"`: "c-red", `style="COLOR:Green;"`: "c-green",
	} {
		if got := colourOf(attribute); got != want {
			t.Errorf("%s is %q, want %q", attribute, got, want)
		}
	}
}

package expr

import "testing"

func TestSmoke(t *testing.T) {
	e, err := Parse("selected(${a}, '1') and . <= today() or 1+2*3 = 7")
	if err != nil { t.Fatal(err) }
	t.Log(e, e.Eval(&Env{}).String(), e.Names())
}

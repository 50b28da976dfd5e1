package mail

import (
	"testing"
)

func TestThePagesHaveWordsForWrongSettings(t *testing.T) {
	sayable(t, Settings{Security: "x", User: "x", Hello: " ", PerHour: -1, Connections: -1, Timeout: -1, Letterhead: Letterhead{FromName: "\n", Bounce: "a+b@c.example"}}.Check())
	sayable(t, Settings{Security: None}.Check())
	for _, s := range []GatewaySettings{
		{Method: "x", Headers: map[string]string{"\n": "{text}"}, Kind: "x", Body: "{x}", Says: "(", Success: []int{1}, PerHour: -1},
		{URL: "https://{id}.example.org/", Kind: JSONBody, Body: "x"}, {URL: "http://example.org/"},
	} {
		sayable(t, s.Check())
	}
}

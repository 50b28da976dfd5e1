package staff

import (
	"encoding/json"
	"net/http"
)

// toldKind is what a script asks for that shows how far a file has come. The answer
// is lines of JSON, {"done": 50, "total": 400}, the last of them {"name": "data.xlsx",
// "type": "…"}, and after its line feed the bytes of the file. An answer without an end
// holds no whole file. What fails before the first line is a page, as for anybody.
//
// Nothing is kept for it: the file is made while whoever wants it waits, and nobody
// else can fetch it.
const toldKind = "application/vnd.panelverk.told"

// told hands out a file and tells how far it is meanwhile.
type told struct {
	attachment
	named bool
}

// progress tells how much is done of what takes the time.
func (t *told) progress(done, total int) {
	if !t.named { // else the bytes have begun
		t.line(map[string]any{"done": done, "total": total})
	}
}

// Write hands out the bytes, the first time after their name.
func (t *told) Write(b []byte) (int, error) {
	if !t.named {
		t.named = true
		t.line(map[string]any{"name": t.name, "type": t.kind})
	}
	return t.r.Writer.Write(b)
}

// line writes a line at once. Who has gone is noticed when the bytes are written.
func (t *told) line(what map[string]any) {
	if !t.r.Writer.Written() {
		h := t.r.Writer.Header()
		h.Set("Content-Type", toldKind)
		h.Set("X-Accel-Buffering", "no") // a proxy is not to keep the lines
		t.r.Status(http.StatusOK)
	}
	_ = json.NewEncoder(t.r.Writer).Encode(what)
	// The router's own Flush does nothing where a writer between, that of sessions, has none.
	if w, ok := t.r.Writer.(interface{ Unwrap() http.ResponseWriter }); ok {
		_ = http.NewResponseController(w.Unwrap()).Flush()
	}
}

// sendWorkbook sends the study's workbook, to a script with how far it has come.
func (r *request) sendWorkbook(language, name string) error {
	out := attachment{r, name, kindsOfFile[".xlsx"]}
	if r.GetHeader("Accept") != toldKind {
		return r.Release.Workbook(r.ctx(), r.now, r.actor, r.study.Key, language, out, nil)
	}
	watched := &told{attachment: out}
	return r.Release.Workbook(r.ctx(), r.now, r.actor, r.study.Key, language, watched, watched.progress)
}

package api

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fault"
	"panelverk/internal/site/page"
)

// problem is an error as RFC 9457 writes it. Its type is about:blank: what tells
// errors apart is the code, which is stable.
type problem struct {
	Type     string          `json:"type"`
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail"`
	Code     string          `json:"code"`
	Request  string          `json:"request"` // the id under which the log has it
	Problems []fault.Problem `json:"problems,omitempty"`
}

var errPanic = errors.New("the handler panicked")

// retryAfter is how many seconds somebody waits who has tried too often.
const retryAfter = "60"

// fail answers with an error, under the status that page.Status gives it.
func (s *site) fail(c *gin.Context, err error) {
	s.Page.Log(c, err)
	if c.Writer.Written() {
		return // the status has gone out already
	}
	s.tell(c, page.Status(err), fault.Of(err))
}

// tell writes a problem.
func (s *site) tell(c *gin.Context, status int, e *fault.Error) {
	body, err := json.Marshal(problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: e.Message, Code: e.Code,
		Request: c.GetString("request"), Problems: e.Problems})
	if err != nil {
		s.Page.Log(c, err)
		c.Status(http.StatusInternalServerError)
		return
	}
	switch status {
	case http.StatusUnauthorized:
		c.Header("WWW-Authenticate", `Bearer realm="panelverk"`)
	case http.StatusTooManyRequests:
		c.Header("Retry-After", retryAfter)
	}
	c.Data(status, "application/problem+json", body)
}

package respond

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"panelverk/internal/fieldwork"
	"panelverk/internal/secret"
)

// A device proves that it gave an answer by a cookie. As a rule the cookie lasts
// as long as the browser runs and is sent to one link's pages alone. Whoever says
// "this is my own device" has it kept, for the links of the waves to come; it
// has a name of its own for each participant.

// cookieName names the cookie that lasts as long as the browser runs, and
// begins the name of one that is kept.
const cookieName = "pv"

// mostKept is how long browsers keep a cookie at most.
const mostKept = 400 * 24 * time.Hour

// afterwards is how long a device is remembered after the last wave that needs
// it closes: field periods may be moved.
const afterwards = 60 * 24 * time.Hour

// cookies gives the device's cookies: the one that is kept, and the one of this link.
func (s *site) cookies(c *gin.Context, v *fieldwork.Visit) (kept, session string) {
	session, _ = c.Cookie(cookieName) // "" where there is none
	if slices.ContainsFunc(c.Request.Header["Cookie"], func(line string) bool { return strings.Contains(line, cookieName+"-") }) {
		kept, _ = c.Cookie(s.keptName(v)) // most have none: its name takes longer to work out than the rest
	}
	return kept, session
}

func (s *site) keptName(v *fieldwork.Visit) string {
	return cookieName + "-" + s.Fieldwork.DeviceName(v)
}

// device gives which device asks, "" where it shows no cookie.
func (s *site) device(c *gin.Context, v *fieldwork.Visit) string {
	kept, session := s.cookies(c, v)
	if kept != "" {
		return s.Fieldwork.Device(kept)
	}
	return s.Fieldwork.Device(session)
}

// remembering is what the start page says of keeping the device's cookie.
type remembering struct {
	Kept  bool      // it is
	Until time.Time // the last wave that it is needed for closes; zero where none needs it
}

func (s *site) remembering(c *gin.Context, v *fieldwork.Visit) (remembering, error) {
	kept, _ := s.cookies(c, v)
	until, err := s.Fieldwork.Returns(c.Request.Context(), s.Now(), v)
	return remembering{Kept: kept != "", Until: until}, err
}

// prove gives the device its cookie, where it has none yet, and keeps or
// forgets it as the owner has said. The cookie's value stays: what the device
// has answered remains its own. It gives which device it is from then on.
func (s *site) prove(c *gin.Context, v *fieldwork.Visit, own bool) (device string, err error) {
	r, err := s.remembering(c, v)
	if err != nil {
		return "", err
	}
	kept, session := s.cookies(c, v)
	value := kept
	if value == "" {
		value = session
	}
	fresh := value == ""
	if fresh {
		value = secret.NewToken()
	}
	switch {
	case own && r.Until.IsZero(): // it may hold what waits for a network
		s.setCookie(c, s.keptName(v), value, "/s", min(v.Wave.Closes.Sub(s.Now()), mostKept))
	case own:
		s.setCookie(c, s.keptName(v), value, "/s", min(r.Until.Add(afterwards).Sub(s.Now()), mostKept))
	case r.Kept && !own:
		s.forget(c, v)
		s.setCookie(c, cookieName, value, "/s/"+c.Param("token"), 0)
	case fresh:
		s.setCookie(c, cookieName, value, "/s/"+c.Param("token"), 0)
	}
	return s.Fieldwork.Device(value), nil
}

// forget takes the kept cookie away.
func (s *site) forget(c *gin.Context, v *fieldwork.Visit) {
	if kept, _ := s.cookies(c, v); kept != "" {
		s.setCookie(c, s.keptName(v), "", "/s", -time.Second)
	}
}

// setCookie sets a cookie for a time; 0 is as long as the browser runs, and
// less takes it away.
func (s *site) setCookie(c *gin.Context, name, value, path string, life time.Duration) {
	http.SetCookie(c.Writer, &http.Cookie{ //nolint:gosec // Secure where the site is reached by https, on a desk it is not
		Name: name, Value: value, Path: path, MaxAge: int(life / time.Second),
		HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
}

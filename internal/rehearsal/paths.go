package rehearsal

import (
	"fmt"
	"slices"

	"panelverk/internal/interview"
	"panelverk/internal/questionnaire"
)

// VersionPaths is what the people came to see of a version.
type VersionPaths struct {
	Name      string // "core v2"
	Pages     []PageReach
	Questions []QuestionReach
	// Unseen holds, by language, the questions that nobody was shown in it.
	Unseen []Unseen
}

// PageReach is how many interviews came to a page.
type PageReach struct {
	Key string
	N   int
}

// QuestionReach is how many interviews came to a question.
type QuestionReach struct {
	Name     string
	Reached  int
	Answered int
	// Unchosen holds the choices that nobody took, by name; where a choice is
	// "don't know" or the like too.
	Unchosen []string
	If       bool // whether it is asked depends on something
}

// Unseen is what nobody was shown in a language.
type Unseen struct {
	Language  string
	Questions []string
}

// paths collects what is shown and answered.
type paths struct {
	order    []string // the names of versions as their waves come
	of       map[string]*questionnaire.Questionnaire
	pages    map[string]map[string]bool // by version and page: the interviews
	reached  map[string]map[string]bool // by version and question
	answer   map[string]map[string]bool
	chosen   map[string]bool // by version, question and choice
	language map[string]bool // by version, question and language
}

func newPaths() *paths {
	return &paths{of: map[string]*questionnaire.Questionnaire{}, pages: map[string]map[string]bool{}, reached: map[string]map[string]bool{},
		answer: map[string]map[string]bool{}, chosen: map[string]bool{}, language: map[string]bool{}}
}

func (s *paths) version(key string, number int, q *questionnaire.Questionnaire) {
	name := versionName(key, number)
	if s.of[name] == nil {
		s.order, s.of[name] = append(s.order, name), q
	}
}

func mark(of map[string]map[string]bool, key, interview string) {
	if of[key] == nil {
		of[key] = map[string]bool{}
	}
	of[key][interview] = true
}

func (p *person) interview() string { return fmt.Sprintf("%d/%d", p.index, p.wave) }

// shown takes note of a page that somebody sees.
func (s *paths) shown(p *person, page *sheet) {
	v := p.stage.version(p.wave)
	key, _ := interview.Split(pageOf(page.url))
	mark(s.pages, v+"/"+key, p.interview())
	for _, name := range page.form.asked {
		mark(s.reached, v+"/"+name, p.interview())
		s.language[v+"/"+name+"/"+page.tag] = true
	}
}

// answered takes note of an answer that was sent.
func (s *paths) answered(p *person, name string, sent *form) {
	v := p.stage.version(p.wave)
	mark(s.answer, v+"/"+name, p.interview())
	for field, values := range sent.values() {
		if field == fieldValue+name || field == fieldApart+name {
			for _, choice := range values {
				s.chosen[v+"/"+name+"/"+choice] = true
			}
		}
	}
}

// all gives the paths of each version.
func (s *paths) all() []VersionPaths {
	var out []VersionPaths
	for _, v := range s.order {
		q := s.of[v]
		r := VersionPaths{Name: v}
		for _, page := range q.Pages {
			r.Pages = append(r.Pages, PageReach{page.Key, len(s.pages[v+"/"+page.Key])})
		}
		for _, it := range q.Questions {
			if it.Asks() {
				r.Questions = append(r.Questions, s.question(v, it))
			}
		}
		for _, tag := range q.Languages {
			u := Unseen{Language: tag}
			for _, it := range q.Questions {
				if it.Asks() && !s.language[v+"/"+it.Name+"/"+tag] {
					u.Questions = append(u.Questions, it.Name)
				}
			}
			if len(u.Questions) > 0 {
				r.Unseen = append(r.Unseen, u)
			}
		}
		out = append(out, r)
	}
	return out
}

func (s *paths) question(v string, it *questionnaire.Item) QuestionReach {
	r := QuestionReach{Name: it.Name, Reached: len(s.reached[v+"/"+it.Name]), Answered: len(s.answer[v+"/"+it.Name])}
	for at := it; at != nil && !r.If; at = at.Parent {
		r.If = at.Relevant != nil
	}
	if it.List == nil || it.ListFrom != nil || it.Type == questionnaire.Rank {
		return r
	}
	for _, c := range it.List.Choices {
		if !s.chosen[v+"/"+it.Name+"/"+c.Name] && !slices.Contains(r.Unchosen, c.Name) {
			r.Unchosen = append(r.Unchosen, c.Name)
		}
	}
	return r
}

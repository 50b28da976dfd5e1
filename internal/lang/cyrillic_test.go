package lang

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

func TestCyrillic(t *testing.T) {
	for latin, want := range map[string]string{
		"Hvala! Vaši odgovori su poslati.":           "Хвала! Ваши одговори су послати.",
		"Ljubav, njiva, džep i đak":                  "Љубав, њива, џеп и ђак",
		"LJUBAV, NJIVA, DŽEP":                        "ЉУБАВ, ЊИВА, ЏЕП",
		"Džoker Ćuprija Žika Šta Čime":               "Џокер Ћуприја Жика Шта Чиме",
		"injekcija, Injekcije, KONJUNKCIJA":          "инјекција, Инјекције, КОНЈУНКЦИЈА",
		"konjugacija konj konjanik":                  "конјугација коњ коњаник",
		"nadživeti nadžnjeti odžaliti odžak":         "надживети наджњети оджалити оџак",
		"podžanr podjednako Tanjug":                  "поджанр подједнако Танјуг",
		"između {count} i {total/gen} pitanja":       "између {count} и {total/gen} питања",
		"${infl_tech} i {naziv}":                     "${infl_tech} и {naziv}",
		"**[Odgovorite ovde]({link})**":              "**[Одговорите овде]({link})**",
		"[ovde](https://example.org/anketa) ili":     "[овде](https://example.org/anketa) или",
		"Pišite na enkat@example.org. Odmah.":        "Пишите на enkat@example.org. Одмах.",
		"Nadzor: imy.se. Kraj.":                      "Надзор: imy.se. Крај.",
		"<b>Da</b>&nbsp;ne <span class=\"x\">ne":     "<b>Да</b>&nbsp;не <span class=\"x\">не",
		"CSV, SPSS i QR-kod; SMS-om":                 "CSV, SPSS и QR-код; SMS-ом",
		"na primer 7K2M9-4R9TX ili 3D štampač":       "на пример 7K2M9-4R9TX или 3D штампач",
		"kolona `missing` i wifi":                    "колона `missing` и wifi",
		"Subject: Vaš kod\nSMS: Kod je {code}":       "Subject: Ваш код\nSMS: Код је {code}",
		"Sačuvajte kao .xlsx; v{next} ide pre":       "Сачувајте као .xlsx; v{next} иде пре",
		"Listovi Data_long, {name}_file, --base-url": "Листови Data_long, {name}_file, --base-url",
		"Zbir Σr/n i rizik 1/k; zemlja RS ili UA":    "Збир Σr/n и ризик 1/k; земља RS или UA",
		"od 9. do 29. maja 2016.":                    "од 9. до 29. маја 2016.",
		"":                                           "",
	} {
		if got := Cyrillic(latin); got != want {
			t.Errorf("%q: %q, not %q", latin, got, want)
		}
	}
}

// Nothing of what is worked out may have been left in Latin, but what has to be.
func TestNothingIsLeftInLatin(t *testing.T) {
	l := catalogue(worked)
	if len(l.messages) == 0 || len(l.messages) != len(catalogue(workedFrom).messages) {
		t.Fatalf("%d texts in Cyrillic, %d in Latin", len(l.messages), len(catalogue(workedFrom).messages))
	}
	for key, m := range l.messages {
		for _, text := range m.all() {
			for _, word := range latinIn(text) {
				t.Errorf("%s: %q is left over in %q", key, word, text)
			}
		}
	}
}

var latinWord = regexp.MustCompile(`\p{Latin}+`)

// latinIn gives the words in Latin letters that nothing allows.
func latinIn(text string) []string {
	var out []string
	for _, word := range latinWord.FindAllString(untouched.ReplaceAllString(text, " "), -1) {
		if !latinWords[word] {
			out = append(out, word)
		}
	}
	return out
}

func (m message) all() []string {
	if m.forms == nil {
		return []string{m.text}
	}
	var out []string
	for _, text := range m.forms {
		out = append(out, text)
	}
	return out
}

func TestLatinIsFound(t *testing.T) {
	if got := strings.Join(latinIn("Одговор {x} Excel wifi 3D"), " "); got != "wifi" {
		t.Error(got)
	}
}

// A word that holds a letter of the other alphabet looks right and is found by no search.
func TestNoWordMixesAlphabets(t *testing.T) {
	mixed := regexp.MustCompile(`[\p{Latin}\p{Cyrillic}]+`)
	for _, tag := range Tags {
		for key, m := range catalogue(tag).messages {
			for _, text := range m.all() {
				for _, word := range mixed.FindAllString(text, -1) {
					latin, cyrillic := false, false
					for _, r := range word {
						latin, cyrillic = latin || unicode.Is(unicode.Latin, r), cyrillic || unicode.Is(unicode.Cyrillic, r)
					}
					if latin && cyrillic {
						t.Errorf("%s %s: %q mixes alphabets", tag, key, word)
					}
				}
			}
		}
	}
}

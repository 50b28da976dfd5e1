package rehearsal

// The names are put together at random and belong to nobody.
var (
	firstNames = map[string][]string{
		"sv": {"Agneta", "Ali", "Anders", "Birgitta", "Camilla", "Darko", "Elin", "Emma", "Fatima", "Göran", "Hanna", "Håkan", "Johan", "Karin",
			"Lars", "Lena", "Magnus", "Maria", "Mikael", "Nils", "Oskar", "Pernilla", "Reza", "Sara", "Stefan", "Tove", "Ulf", "Åsa"},
		"de": {"Anke", "Birgit", "Cem", "Dieter", "Franziska", "Gerd", "Heike", "Jürgen", "Katrin", "Lukas", "Monika", "Sven"},
		"en": {"Achieng", "Dragana", "Grace", "Ivan", "Jelena", "Kamau", "Milan", "Oksana", "Otieno", "Petro", "Vesna", "Wanjiru"},
	}
	lastNames = map[string][]string{
		"sv": {"Ahlstrand", "Bergvall", "Dahlmark", "Ekhammar", "Forsling", "Granhult", "Hedvik", "Jarlskog", "Kvistgård", "Lundmyr", "Marklind",
			"Norrvik", "Ollesjö", "Rosenmark", "Sandtorp", "Stenvall", "Tallroth", "Vikmark", "Ängfors", "Österlid"},
		"de": {"Ahrensburger", "Brückmoser", "Dornfeldt", "Eichwalder", "Grünthaler", "Kesselbach", "Mühlfurt", "Reetmann", "Steinbüchler", "Zollhofer"},
		"en": {"Barasa-Moor", "Dolinko", "Gvozdar", "Kimathi-Lane", "Lukovac", "Mbaruk", "Ostrovenko", "Ravnik", "Stepovyi", "Wekesa-Hill"},
	}
)

// The Swedish Post and Telecom Authority keeps the telephone numbers
// 070-174 06 05 to 070-174 06 99 free for fiction.
const (
	firstPhone = 5
	lastPhone  = 99
)

// countryTongue gives the language that people of a country answer in, as far
// as a study offers it.
var countryTongue = map[string]string{"SE": "sv", "DE": "de", "AT": "de"}

// phrases are what people write of their own accord in one language.
type phrases struct {
	better, worse []string // to open questions
	trades        []string // to "what else?"
	odd           []string // where a number or a date is wanted
}

var tongues = map[string]phrases{
	"sv": {
		better: []string{"Det tunga lyftandet är borta.", "Mindre väntan på delar, och man ser direkt när något går fel.", "Jag får göra fler olika saker än förut.",
			"+ bättre överblick\n- fler larm", "Lättare att lära upp nya.", "Roboten tar det tråkiga, vi tar resten.", "Surfplattan. Slipper springa till kontoret."},
		worse: []string{"Tempot. Det finns aldrig en lucka längre.", "Allt ska rapporteras in, det tar tid från jobbet.", "Ingen frågade oss innan.",
			"- mer övervakning", "När systemet står så står vi.", "Man får inte tänka själv längre.", "Fler skärmar, färre kollegor."},
		trades: []string{"Truckförare", "Skyddsombud på heltid", "Städning av linor", "Målning", "Verktygsmakare"},
		odd:    []string{"vet ej", "ungefär 10", "lite olika"},
	},
	"en": {
		better: []string{"The heavy lifting is gone.", "We see at once when something goes wrong.", "More variety than before.", "Easier to train new people.",
			"Less waiting for parts."},
		worse: []string{"The pace. There is never a gap any more.", "Everything has to be reported.", "Nobody asked us first.", "When the system is down we stand still.",
			"More screens, fewer colleagues."},
		trades: []string{"Forklift driver", "Painting", "Toolmaker", "Cleaning"},
		odd:    []string{"not sure", "about 10", "it varies"},
	},
	"de": {
		better: []string{"Das schwere Heben ist weg.", "Man sieht sofort, wenn etwas nicht stimmt.", "Mehr Abwechslung als früher.", "Neue lassen sich leichter anlernen."},
		worse: []string{"Das Tempo. Es gibt keine Lücke mehr.", "Alles muss gemeldet werden.", "Gefragt hat uns vorher keiner.", "Wenn das System steht, stehen wir auch.",
			"Mehr Bildschirme, weniger Kollegen."},
		trades: []string{"Staplerfahrer", "Lackiererei", "Werkzeugbau", "Reinigung"},
		odd:    []string{"weiß nicht", "etwa 10", "verschieden"},
	},
}

// spoken gives what is written in a language, in English where nothing is
// known of it.
func spoken(language string) phrases {
	if p, ok := tongues[language]; ok {
		return p
	}
	return tongues["en"]
}

func named(names map[string][]string, language string) []string {
	if n, ok := names[language]; ok {
		return n
	}
	return names["en"]
}

// trait is one of the things that make a person answer as they do.
type trait int

const (
	none    trait = iota
	outlook       // on new technology
	strain        // of work on body and mind
	voice         // in what happens at work
	traits
)

// leaning says what makes people answer a question as they do.
type leaning struct {
	trait  trait
	weight float64 // how strongly, and in which direction of the choices
	shift  float64 // of the whole panel, in standard deviations
	drift  float64 // of the whole panel from wave to wave
	fixed  bool    // a fact that does not change between waves
	centre float64 // of a number; of one that counts in years, before now
	spread float64
}

// leanings are those of the questions of the Smart Factory panel, so that its
// figures tell what such a panel's would. Other questions have one that their
// name decides.
var leanings = map[string]leaning{
	"job_kind":     {fixed: true, shift: 0.1},
	"year_started": {fixed: true, centre: 13, spread: 8},
	"hours_week":   {trait: strain, weight: 0.5, centre: 39, spread: 5},
	"task_repeat":  {trait: strain, weight: 0.6, shift: 0.3},
	"task_solve":   {trait: voice, weight: 0.6, shift: 0.2},
	"tech_met":     {trait: outlook, weight: 0.3, shift: -0.1, drift: 0.12},
	"tech_share":   {trait: outlook, weight: 0.3, centre: 45, spread: 22, drift: 0.15},
	"tech_help":    {trait: outlook, weight: 0.75, shift: 0.3},
	"infl_tech":    {trait: voice, weight: 0.75, shift: -0.5},
	"auto_order":   {trait: voice, weight: 0.6},
	"auto_pace":    {trait: strain, weight: -0.6, shift: -0.2, drift: -0.1},
	"sys_decides":  {trait: voice, weight: -0.5, shift: -0.2, drift: 0.15},
	"mon_logged":   {trait: strain, weight: 0.3, shift: 0.3, drift: 0.15},
	"mon_informed": {trait: voice, weight: 0.6, shift: -0.4},
	"learn_new":    {trait: outlook, weight: 0.5, shift: 0.1},
	"skill_used":   {trait: voice, weight: 0.5, shift: 0.4},
	"train_had":    {trait: outlook, weight: 0.3, shift: 0.1},
	"train_hours":  {centre: 9, spread: 6},
	"train_paid":   {shift: 1},
	"pace_high":    {trait: strain, weight: 0.8, shift: 0.4},
	"pace_change":  {trait: strain, weight: 0.6, shift: 0.4},
	"health_self":  {trait: strain, weight: -0.6, shift: 0.5},
	"tired_after":  {trait: strain, weight: 0.75, shift: 0.2},
	"job_lose":     {trait: outlook, weight: -0.4, shift: -0.6},
	"job_replaced": {trait: outlook, weight: -0.6, shift: -0.5, drift: 0.08},
	"union_infl":   {trait: voice, weight: 0.7},
	"negotiated":   {trait: voice, weight: 0.4, drift: 0.15},
	"coll_agree":   {fixed: true, shift: 1.3},
	"agree_tech":   {trait: voice, weight: 0.3, shift: -0.3, drift: 0.1},
	"agree_data":   {trait: voice, weight: 0.4, shift: -0.4},
	"att_better":   {trait: outlook, weight: 0.8, shift: 0.2},
	"att_share":    {trait: outlook, weight: 0.6, shift: -0.8},
	"att_worry":    {trait: outlook, weight: -0.7, shift: 0.1},
}

package xlsx

// words are the texts of the workbook, in English and Swedish. Other languages
// read English; what authors wrote (titles, questions, labels) is in the
// language asked for where they gave it.
var words = map[string][2]string{
	"about": {
		"Pseudonymous data: one row is one person, without name and contact details. Colleagues may still know each other's answers. Keep the file where the agreement says, and do not try to find out who anybody is.",
		"Pseudonyma data: en rad är en person, utan namn och kontaktuppgifter. Kollegor kan ändå känna igen varandras svar. Förvara filen som avtalet säger, och försök inte ta reda på vem någon är.",
	},
	"sheets":        {"Sheets", "Blad"},
	"README":        {"This page", "Den här sidan"},
	"Data_long":     {"One row a person and wave. The columns up to wave are the same in all rows of a person", "En rad per person och omgång. Kolumnerna till och med wave är lika på en persons alla rader"},
	"Data_wide":     {"One row a person. Name_w2 is the variable Name in wave 2", "En rad per person. Namn_w2 är variabeln Namn i omgång 2"},
	"Wave":          {"Those who have an interview in this wave, with the variables that it asked for", "De som har en intervju i omgången, med de variabler som den frågade efter"},
	"Repeat":        {"One row for each instance of what is asked several times. id, wave and the columns that end in _no are its key: the number of the instance and of those around it", "En rad för varje förekomst av det som frågas flera gånger. id, wave och kolumnerna som slutar på _no är radens nyckel: förekomstens nummer och numren på dem runt omkring"},
	"Variables":     {"Every variable: name, label, exact wording in each version and language, who was asked, how many have a value", "Varje variabel: namn, etikett, exakt frågetext i varje version och språk, vilka som fick frågan, hur många som har ett värde"},
	"Values":        {"What the numbers mean", "Vad siffrorna betyder"},
	"Missing":       {"The codes that say why a cell has no value", "Koderna som säger varför en cell saknar värde"},
	"Item_versions": {"What differs between the versions of the questionnaire", "Vad som skiljer mellan formulärets versioner"},
	"Participation": {"Invitations, outcomes, cohorts and patterns of participation", "Inbjudningar, utfall, kohorter och deltagandemönster"},
	"Rates":         {"Response rates after AAPOR, and how the panel has held", "Svarsfrekvenser enligt AAPOR, och hur panelen har hållit"},
	"missing":       {"Missing values", "Värden som saknas"},
	"missing.text": {
		"A cell without a value says why: in number columns by a negative code, −1 to −12. A variable that can itself be negative uses −9901 to −9912 instead. Text and date columns are then empty, and the column beside them, with a name that ends in _s, holds the code (0: there is a value). Turn the codes into missing values before you compute.",
		"En cell utan värde säger varför: i sifferkolumner med en negativ kod, −1 till −12. En variabel som själv kan vara negativ har −9901 till −9912 i stället. Text- och datumkolumner är då tomma, och kolumnen bredvid, med ett namn som slutar på _s, har koden (0: det finns ett värde). Gör om koderna till saknade värden innan du räknar.",
	},
	"waves":   {"Waves", "Omgångar"},
	"wave":    {"Wave", "Omgång"},
	"title":   {"Title", "Titel"},
	"opens":   {"Opens", "Öppnar"},
	"lastday": {"Last day", "Sista dag"},
	"version": {"Questionnaire", "Formulär"},
	"people":  {"People", "Personer"},
	"people.text": {
		"%d persons in the panel, %d rows in Data_long.", "%d personer i panelen, %d rader i Data_long.",
	},
	"member.active": {"members", "är med"},
	"member.left":   {"left, earlier answers stay", "har lämnat, tidigare svar finns kvar"},
	"member.erased": {"left, answers erased (code −11)", "har lämnat, svaren är raderade (kod −11)"},
	"member.dead":   {"dead", "avlidna"},
	"ids": {
		"The ids in column id belong to the recipient of this file: the same person has the same id in every file that you get, and another one in files to others. Equal answers can still be matched.",
		"Id:na i kolumnen id gäller för mottagaren av den här filen: samma person har samma id i alla filer du får, och ett annat i filer till andra. Lika svar går ändå att para ihop.",
	},
	"cohort":      {"Cohort", "Kohort"},
	"cohort.text": {"The wave at which a person entered the panel. Waves before that have code −12.", "Den omgång då en person kom med i panelen. Omgångar dessförinnan har kod −12."},
	"times": {
		"Days and hours of answering are left out on purpose: those who run the fieldwork see who answered when.",
		"Dag och klockslag för svaren är utelämnade med avsikt: de som sköter fältarbetet ser vem som svarade när.",
	},
	"contact": {"Contact", "Kontakt"},
	"written": {"Written", "Skriven"},
	"texts":   {"Texts", "Texter"},
	"cut": {
		"%d texts were longer than the 32,767 characters that a cell holds; they are cut and end with their length in brackets.",
		"%d texter var längre än de 32 767 tecken som en cell rymmer; de är avkortade och slutar med sin längd inom hakparentes.",
	},
	"replaced": {
		"%d texts held control characters that a workbook cannot hold; each of these is written as �.",
		"%d texter hade styrtecken som en arbetsbok inte kan innehålla; varje sådant är skrivet som �.",
	},
	"formulas": {
		"All answers in words are stored as text: one that begins with = + − @ is no formula.",
		"Alla svar i ord är lagrade som text: ett som börjar med = + − @ är ingen formel.",
	},
	"notes":     {"Notes", "Anmärkningar"},
	"name":      {"Name", "Namn"},
	"label":     {"Label", "Etikett"},
	"kind":      {"Holds", "Innehåll"},
	"question":  {"Question", "Fråga"},
	"type":      {"Question type", "Frågetyp"},
	"sheet":     {"Sheet", "Blad"},
	"option":    {"Option", "Alternativ"},
	"inwaves":   {"Waves", "Omgångar"},
	"inversion": {"Versions", "Versioner"},
	"universe":  {"Asked when", "Ställs när"},
	"everybody": {"always", "alltid"},
	"codes":     {"Missing codes", "Koder för saknas"},
	"valid":     {"Values in w%d", "Värden i w%d"},
	"wording":   {"Wording", "Frågetext"},
	"number":    {"number", "tal"},
	"text":      {"text", "text"},
	"date":      {"date", "datum"},
	"datetime":  {"date and time", "datum och tid"},
	"variable":  {"Variable", "Variabel"},
	"code":      {"Code", "Kod"},
	"choice":    {"Choice", "Svarsval"},
	"negcode":   {"Code where values can be negative", "Kod där värden kan vara negativa"},
	"stata":     {"Stata", "Stata"},
	"from":      {"From", "Från"},
	"to":        {"To", "Till"},
	"changed":   {"What differs", "Vad som skiljer"},
	"languages": {"Languages", "Språk"},
	"before":    {"Before", "Före"},
	"after":     {"After", "Efter"},
	"added":     {"Choices added", "Svarsval som tillkom"},
	"removed":   {"Choices removed", "Svarsval som togs bort"},
	"relabel":   {"Choices reworded", "Svarsval med ny text"},
	"same":      {"Series", "Serie"},
	"same.yes":  {"same variable", "samma variabel"},
	"same.no":   {"another variable", "annan variabel"},
	"nochange":  {"The waves so far have used one version of each questionnaire.", "Omgångarna hittills har använt en version av varje formulär."},

	"decision":      {"Decided", "Beslut"},
	"reason":        {"Why", "Varför"},
	"decision.same": {"same variable", "samma variabel"}, "decision.new": {"new variable", "ny variabel"}, "decision.gone": {"gone", "borttagen"},

	"change.identical": {"nothing", "inget"},
	"change.new":       {"new", "ny"}, "change.gone": {"gone", "borttagen"}, "change.wording": {"wording", "frågetext"},
	"change.categories": {"choices", "svarsval"}, "change.scale": {"scale", "skala"}, "change.type": {"type", "typ"},
	"change.logic": {"who is asked, what is allowed", "vilka som får frågan, vad som är tillåtet"},
	"change.order": {"order or context", "ordning eller sammanhang"}, "change.layout": {"layout", "utseende"},
	"change.reused": {"A CODE STANDS FOR SOMETHING ELSE", "EN KOD BETYDER NÅGOT ANNAT"},

	"small": {
		"Counts of persons, small ones included: this file lists the same persons row by row. Do not publish counts under 5.",
		"Antal personer, även små antal: filen har samma personer rad för rad. Publicera inte antal under 5.",
	},
	"fieldwork":   {"Fieldwork", "Fältarbete"},
	"invited":     {"Invited", "Inbjudna"},
	"started":     {"Started", "Började"},
	"submitted":   {"Submitted", "Skickade in"},
	"outcomes":    {"Outcomes (AAPOR codes)", "Utfall (AAPOR-koder)"},
	"sum":         {"Sum", "Summa"},
	"cohorts":     {"Cohorts", "Kohorter"},
	"entered":     {"Entered at wave", "Kom med i omgång"},
	"persons":     {"Persons", "Personer"},
	"patterns":    {"Patterns", "Mönster"},
	"pattern":     {"Pattern", "Mönster"},
	"pattern.why": {"One mark a wave: 1 answered (complete or partial), 0 did not, x was not asked in the wave, . was not a member yet or the wave has not opened. 1101 is wave nonresponse; 1100 is attrition only once the panel is closed.", "Ett tecken per omgång: 1 svarade (helt eller delvis), 0 svarade inte, x tillfrågades inte i omgången, . var inte med än eller omgången har inte öppnat. 1101 är bortfall i en omgång; 1100 är avhopp först när panelen är stängd."},
	"cases":       {"Cases", "Fall"},
	"rates":       {"Outcome rates", "Utfallsmått"},
	"rate":        {"Rate", "Mått"},
	"formula":     {"Formula", "Formel"},
	"no_frame":    {"not computable: no frame", "kan ej beräknas: ingen ram"},
	"no_cases":    {"no cases", "inga fall"},
	"rates.why": {
		"After AAPOR, Standard Definitions. Partial: at least %s of the questions that applied were answered. e is the estimated share of eligible persons among those of unknown eligibility.",
		"Enligt AAPOR, Standard Definitions. Delvis: minst %s av de frågor som gällde personen är besvarade. e är den uppskattade andelen som tillhör målgruppen bland dem som man inte vet det om.",
	},
	"frame.named_list": {
		"Frame: a list of named persons. In their first wave silent persons count as of unknown eligibility (3.19, 3.30), later as non-contacts.",
		"Ram: en lista med namngivna personer. I sin första omgång räknas tysta personer som okända (3.19, 3.30), senare som ingen kontakt.",
	},
	"frame.members": {
		"Frame: enrolled members. They were found eligible when they enrolled: silent persons count as non-contacts (2.20).",
		"Ram: anslutna medlemmar. De tillhörde målgruppen när de anslöt sig: tysta personer räknas som ingen kontakt (2.20).",
	},
	"frame.open_link": {
		"Frame: none in the wave at which people join, because they came by an open link and nobody knows how many saw it. After that they are enrolled members, and silent ones count as non-contacts (2.20). The cases below are those with a frame.",
		"Ram: ingen i den omgång då man går med, eftersom man kom genom en öppen länk och ingen vet hur många som såg den. Därefter är man ansluten medlem, och tysta personer räknas som ingen kontakt (2.20). Fallen nedan är de som har en ram.",
	},
	"I": {"Complete", "Fullständiga"}, "P": {"Partial", "Delvisa"}, "R": {"Refusal and break-off", "Avböjde och avbröt"},
	"NC": {"Non-contact", "Ingen kontakt"}, "O": {"Other", "Övriga"}, "UH": {"Unknown, nothing returned", "Okända, inget hördes"},
	"UO": {"Unknown, other", "Okända, övriga"}, "NE": {"Not eligible", "Tillhör inte målgruppen"},
	"panelrates": {"Panel rates", "Panelmått"},
	"panel.why": {
		"Answered is complete or partial. The dead are in no denominator from the wave that they did not live to answer; persons whose answers are erased stay as counts.",
		"Svarat är helt eller delvis. Avlidna ingår inte i någon nämnare från den omgång som de inte fick uppleva; personer vars svar är raderade räknas fortfarande.",
	},
	"measure": {"Measure", "Mått"}, "count": {"Persons", "Personer"}, "of": {"Of", "Av"}, "share": {"Share", "Andel"},
	"participation": {"Participation: answered / invited", "Deltagande: svarat / inbjudna"},
	"conditional":   {"Conditional retention: of those who answered the wave before", "Villkorlig kvarvaro: av dem som svarade i omgången före"},
	"baseline":      {"Baseline retention: of those who answered the first wave", "Kvar från start: av dem som svarade i första omgången"},
	"allwave":       {"All waves answered: of those who answered the first wave", "Alla omgångar: av dem som svarade i första omgången"},
	"reactivated":   {"Reactivation: of those who had answered, but not the wave before", "Åter: av dem som hade svarat, men inte i omgången före"},
	"page":          {"Page", "Sida"},
}

// word gives a text in the workbook's language.
func (b *book) word(key string) string {
	pair, ok := words[key]
	if !ok {
		panic("xlsx: no text for " + key) // a closed set: a test goes through all of them
	}
	if b.language == "sv" {
		return pair[1]
	}
	return pair[0]
}

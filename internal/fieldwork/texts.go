package fieldwork

import (
	"testing/fstest" // an fs.FS of a map, and nothing of package testing

	"panelverk/internal/fault"
	"panelverk/internal/mail"
	"panelverk/internal/store"
	"panelverk/internal/study"
)

// Texts reads the texts of a study's messages, its own (by their names in the
// folder mail) and the built-in ones, and checks that there is one in every
// language for each message of the plan. It gives nil where any problem is an
// error, and always all the problems.
func Texts(st *study.Study, own map[string]string) (*mail.Set, fault.Problems) {
	files := fstest.MapFS{}
	for name, text := range own {
		files["mail/"+name] = &fstest.MapFile{Data: []byte(text)}
	}
	var used []mail.Kind
	if st.Plan != nil {
		for _, name := range st.Plan.Templates() {
			used = append(used, mail.Kind(name))
		}
	}
	return mail.Load(files, ".", st.Languages, used...)
}

// texts gives the texts of a study that was applied.
func (s *Service) texts(tx *store.Tx, st *study.Study) (*mail.Set, error) {
	row, err := tx.Study(st.Key)
	if err != nil {
		return nil, orElse(err, errNoStudy)
	}
	id := row.Key + "@" + row.Edition()
	if set, ok := s.mails.Load(id); ok {
		return set.(*mail.Set), nil
	}
	set, problems := Texts(st, row.Mail)
	if err := problems.Err("texts_stored_broken", "The stored texts of messages cannot be read."); err != nil {
		return nil, err
	}
	s.mails.Store(id, set)
	return set, nil
}

// textNames gives the names of the texts that the messages of a plan can have.
func textNames() []string {
	var out []string
	for _, kind := range mail.Kinds() {
		if study.IsMessageKind(string(kind.Base())) {
			out = append(out, string(kind))
		}
	}
	return out
}

package fieldwork

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"panelverk/internal/dataset"
	"panelverk/internal/fault"
	"panelverk/internal/questionnaire"
	"panelverk/internal/store"
)

// Attached is a file that a questionnaire refers to.
type Attached struct {
	Name string
	From int   // the version that it was taken from; 0: it was handed in with the questionnaire
	Size int64 // in bytes
	Gone bool  // nobody has handed it in
}

// compile reads the file of a publication with the files that it refers to. q
// is nil where the problems hold an error.
func (s *Service) compile(ctx context.Context, p Publication) (book *questionnaire.Book, q *questionnaire.Questionnaire, files []Attached, problems fault.Problems, err error) {
	book, problems = questionnaire.Read(p.FileName, p.Data)
	if len(problems.Errors()) > 0 {
		return book, nil, nil, problems, nil
	}
	if files, err = s.attach(ctx, p, book); err != nil {
		return nil, nil, nil, nil, err
	}
	q, more := questionnaire.Compile(book)
	problems = append(problems, questionnaire.Demand(more)...)
	if q != nil { // what a researcher may want to think of, and names that data files cannot have
		problems = append(append(problems, dataset.CheckNames(q)...), q.Advice()...)
	}
	return book, q, files, problems, nil
}

// attach hands into a book the files that it refers to: those of the
// publication, and what is lacking from the versions before, the newest first.
// A published version never changes, so they may be read before the writing.
func (s *Service) attach(ctx context.Context, p Publication, book *questionnaire.Book) ([]Attached, error) {
	for _, name := range book.FileNames() {
		if data, given := p.Files[name]; given {
			book.Attach(name, data)
		}
	}
	from := map[string]int{}
	if len(book.Lacks()) > 0 {
		if err := s.store.Read(ctx, func(tx *store.Tx) error { return attachEarlier(tx, p, book, from) }); err != nil {
			return nil, err
		}
	}
	lacks := book.Lacks()
	var out []Attached
	for _, name := range book.FileNames() {
		data, there := book.Files[name]
		if there || slices.Contains(lacks, name) { // else it is a table in the workbook itself
			out = append(out, Attached{Name: name, From: from[name], Size: int64(len(data)), Gone: !there})
		}
	}
	return out, nil
}

// attachEarlier takes what a book lacks from the versions that are published.
func attachEarlier(tx *store.Tx, p Publication, book *questionnaire.Book, from map[string]int) error {
	published, err := tx.Versions(p.Study)
	if err != nil {
		return err
	}
	published = slices.DeleteFunc(published, func(v store.Version) bool { return v.Key != p.Key || v.Number > p.Number })
	slices.SortFunc(published, func(a, b store.Version) int { return cmp.Compare(b.Number, a.Number) })
	for _, v := range published {
		lacks := book.Lacks()
		if len(lacks) == 0 {
			return nil
		}
		files, err := filesOf(tx, v)
		if err != nil {
			return err
		}
		for _, name := range lacks {
			if data, there := files[name]; there && book.Agrees(name, data) {
				book.Attach(name, data)
				from[name] = v.Number
			}
		}
	}
	return nil
}

// filesOf gives the files of a version: those that are stored, and the tables
// that its sheets hold.
func filesOf(tx *store.Tx, v store.Version) (map[string][]byte, error) {
	files, err := tx.VersionFiles(v.Study, v.Key, v.Number)
	if err != nil {
		return nil, err
	}
	book, problems := questionnaire.Read(v.Key+".md", []byte(v.Sheets))
	if err := problems.Err("version_stored_broken", fmt.Sprintf("The stored %s v%d cannot be read.", v.Key, v.Number)); err != nil {
		return nil, err
	}
	for name, data := range book.Tables() {
		if files[name] == nil {
			files[name] = data
		}
	}
	return files, nil
}

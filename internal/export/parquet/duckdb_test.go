package parquet_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"testing"

	"panelverk/internal/dataset"
	"panelverk/internal/export/exporttest"
	"panelverk/internal/export/parquet"
	"panelverk/internal/lang"
	"panelverk/internal/need"
)

// duckdb reads a file and prints its columns with their types, its rows as texts,
// and its labels.
const duckdb = `
const { DuckDBInstance } = require(process.argv[1] + "/node_modules/@duckdb/node-api");
(async () => {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  const file = "'" + process.argv[2] + "'";
  const all = async (sql) => (await db.runAndReadAll(sql)).getRowsJson();
  const columns = await all("describe select * from " + file);
  const rows = await all("select columns(*)::varchar from " + file);
  const labels = await all("select decode(value) from parquet_kv_metadata(" + file + ") where decode(key) = 'panelverk'");
  console.log(JSON.stringify({ columns: columns.map((c) => c[0] + " " + c[1]), rows, labels: JSON.parse(labels[0][0]) }));
})();
`

func TestDuckDB(t *testing.T) {
	root, err := filepath.Abs("../../../.ci")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(root + "/node_modules/@duckdb/node-api"); err != nil {
		need.Missing(t, "DuckDB", "npm install --no-save --prefix .ci")
	}
	if _, err := exec.LookPath("node"); err != nil {
		need.Missing(t, "Node.js", "apt-get install nodejs")
	}
	words := &dataset.Variable{Name: "why", Kind: dataset.Text, Varying: true, Label: lang.Text{"en": "Why?"}}
	words.Status = &dataset.Variable{Name: "why_s", Kind: dataset.Number, Integer: true, Role: dataset.Companion, Varying: true, Of: words, Label: lang.Text{"en": "Why not?"}}
	scale := []dataset.Value{{Code: 1, Label: lang.Text{"en": "Never"}}, {Code: 5, Label: lang.Text{"en": "Щодня"}}}
	var columns []dataset.Column
	for _, v := range []*dataset.Variable{
		{Name: "id", Kind: dataset.Text, Label: lang.Text{"en": "Id"}},
		{Name: "trust", Kind: dataset.Number, Integer: true, Varying: true, Values: scale, Label: lang.Text{"en": "How often?"}},
		{Name: "pay", Kind: dataset.Number, Negative: true, Varying: true, Label: lang.Text{"en": "Change of pay"}},
		{Name: "far", Kind: dataset.Number, Integer: true, Varying: true},
		words, words.Status,
		{Name: "since", Kind: dataset.Date, Varying: true},
		{Name: "seen", Kind: dataset.DateTime, Varying: true},
	} {
		columns = append(columns, dataset.Column{Name: v.Name, Variable: v})
	}
	m := exporttest.Of(columns)
	number := func(n float64) dataset.Cell { return dataset.Cell{Kind: dataset.Number, Number: n} }
	text := func(s string) dataset.Cell { return dataset.Cell{Kind: dataset.Text, Text: s} }
	m.Add(text("a"), number(5), number(-6.25), number(1<<40), text("Щодня, \"så\"\n😀"), number(0), dataset.Cell{Kind: dataset.Date, Number: -26000}, dataset.Cell{Kind: dataset.DateTime, Number: 1460000000250})
	want := [][]any{{"a", "5", "0", "-6.25", "0", "1099511627776", "0", "Щодня, \"så\"\n😀", "0", "1898-10-25", "0", "2016-04-07 03:33:20.25", "0"}}
	for i, gone := range dataset.Missings() {
		c := dataset.Cell{Missing: gone}
		id, why := fmt.Sprint("m", i), fmt.Sprint(int(gone))
		m.Add(text(id), c, c, c, c, number(float64(gone)), c, c)
		want = append(want, []any{id, nil, why, nil, why, nil, why, nil, why, nil, why, nil, why})
	}
	table, done, err := exporttest.Spool(t.TempDir(), m.Table())
	if err != nil {
		t.Fatal(err)
	}
	defer done()
	var b, said bytes.Buffer
	if err := parquet.Write(&b, table, about); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "long.parquet")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "-e", duckdb, root, file)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	var got struct {
		Columns []string
		Rows    [][]any
		Labels  struct {
			Variables map[string]struct {
				Label           string
				Values, Missing map[string]string
			}
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	types := []string{"id VARCHAR", "trust INTEGER", "trust_s INTEGER", "pay DOUBLE", "pay_s INTEGER", "far BIGINT", "far_s INTEGER",
		"why VARCHAR", "why_s INTEGER", "since DATE", "since_s INTEGER", "seen TIMESTAMP", "seen_s INTEGER"}
	if !reflect.DeepEqual(got.Columns, types) {
		t.Errorf("columns %v, want %v", got.Columns, types)
	}
	if !reflect.DeepEqual(got.Rows, want) {
		t.Errorf("rows %q\nwant %q", got.Rows, want)
	}
	if trust := got.Labels.Variables["trust"]; trust.Values["5"] != "Щодня" || trust.Label != "How often?" || got.Labels.Variables["trust_s"].Missing["-1"] != "Don't know" {
		t.Errorf("%+v", got.Labels.Variables)
	}
}

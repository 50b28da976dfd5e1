// Prints what DuckDB reads of Parquet files, a line for each thing; texts are in
// hexadecimal, so that nothing between here and the test changes them.
const { DuckDBInstance } = require(process.argv[1] + "/node_modules/@duckdb/node-api");
const word = (s) => "x" + Buffer.from(s, "utf8").toString("hex");
(async () => {
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  const all = async (sql) => (await db.runAndReadAll(sql)).getRowsJson();
  for (const name of process.argv.slice(2)) {
    const file = "'" + name + "'";
    const columns = await all("describe select * from " + file);
    const quoted = columns.map(([c, type]) => {
      const q = '"' + c + '"';
      return { DATE: `(${q} - date '1970-01-01')::varchar`, TIMESTAMP: `epoch_ms(${q})::varchar`, VARCHAR: `hex(encode(${q}))` }[type] || q + "::varchar";
    });
    const rows = await all("select " + quoted.join(", ") + " from " + file);
    const kept = await all("select decode(value) from parquet_kv_metadata(" + file + ") where decode(key) = 'panelverk'");
    const told = JSON.parse(kept[0][0]).variables;
    const out = ["file " + rows.length + " -"];
    columns.forEach(([c, type], i) => {
      const about = told[c];
      out.push("column " + c + " " + word(about.label) + " " + (about.reason_of || "-") + " " + type);
      for (const code of Object.keys(about.values || {}).sort((a, b) => a - b)) out.push("label n" + code + " " + word(about.values[code]));
      for (const row of rows) {
        const v = row[i];
        out.push("cell " + (v === null ? "m" : type === "VARCHAR" ? "x" + v.toLowerCase() : "n" + (type === "TIMESTAMP" ? v / 1000 : v)));
      }
    });
    console.log(out.join("\n"));
  }
})();

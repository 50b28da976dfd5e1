package api_test

import (
	"encoding/json"
	"fmt"
	"mime"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"panelverk/internal/site/api"
)

// object is a part of the description.
type object = map[string]any

func described(t *testing.T) object {
	t.Helper()
	var d object
	if err := json.Unmarshal(api.Description, &d); err != nil {
		t.Fatal(err)
	}
	if d["openapi"] != "3.1.0" {
		t.Errorf("openapi %v", d["openapi"])
	}
	return d
}

// follow gives what an object refers to, or itself.
func follow(root, o object) object {
	for {
		ref, ok := o["$ref"].(string)
		if !ok {
			return o
		}
		o = root
		for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
			o = o[name].(object)
		}
	}
}

// breaks lists where a value breaks a schema: of JSON Schema what openapi.json
// uses, and no other word passes.
func breaks(root, schema object, value any, at string) (out []string) {
	schema = follow(root, schema)
	for word := range schema {
		if !slices.Contains([]string{"type", "properties", "required", "additionalProperties", "items", "enum", "pattern", "format", "description", "minimum"}, word) {
			out = append(out, at+": the schema says "+word+", which is not tried")
		}
	}
	fits := map[any]bool{nil: true}
	switch v := value.(type) {
	case object:
		fits["object"] = true
		properties, _ := schema["properties"].(object)
		required, _ := schema["required"].([]any)
		for _, name := range required {
			if _, ok := v[name.(string)]; !ok {
				out = append(out, fmt.Sprintf("%s: no %s", at, name))
			}
		}
		for name, one := range v {
			if p, ok := properties[name].(object); ok {
				out = append(out, breaks(root, p, one, at+"."+name)...)
			} else if more, ok := schema["additionalProperties"].(object); ok {
				out = append(out, breaks(root, more, one, at+"."+name)...)
			} else if schema["additionalProperties"] == false {
				out = append(out, at+": nobody knows of "+name)
			}
		}
	case []any:
		fits["array"] = true
		for i, one := range v {
			out = append(out, breaks(root, schema["items"].(object), one, fmt.Sprintf("%s[%d]", at, i))...)
		}
	case string:
		fits["string"] = true
		if values, ok := schema["enum"].([]any); ok && !slices.Contains(values, any(v)) {
			out = append(out, at+": "+v+" is none of the values")
		}
		if pattern, ok := schema["pattern"].(string); ok && !regexp.MustCompile(pattern).MatchString(v) {
			out = append(out, at+": "+v+" does not fit the pattern")
		}
		if _, err := time.Parse(time.RFC3339, v); err != nil && schema["format"] == "date-time" {
			out = append(out, at+": "+v+" is no time")
		}
	case float64:
		fits["number"], fits["integer"] = true, v == float64(int64(v))
	case bool:
		fits["boolean"] = true
	}
	if !fits[schema["type"]] {
		out = append(out, fmt.Sprintf("%s: %v is no %v", at, value, schema["type"]))
	}
	return out
}

func TestASchemaSaysNo(t *testing.T) {
	d := described(t)
	for body, want := range map[string]string{
		`{"releases":[]}`:                    "",
		`{}`:                                 "no releases",
		`{"releases":[],"more":1}`:           "nobody knows of more",
		`{"releases":{}}`:                    "is no array",
		`{"releases":[{"sha256":"ABC"}]}`:    "does not fit the pattern",
		`{"releases":[{"frozen_at":"now"}]}`: "is no time",
		`{"releases":[{"number":1.5}]}`:      "is no integer",
	} {
		var value any
		if err := json.Unmarshal([]byte(body), &value); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(breaks(d, object{"$ref": "#/components/schemas/Releases"}, value, "body"), "; "); (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", body, got, want)
		}
	}
}

// The description lists the routes there are, each answer has a status and a body
// that it describes, and each status that it describes is one that is given.
func TestTheDescriptionIsTrue(t *testing.T) {
	w := newWorld(t)
	d := described(t)
	paths := d["paths"].(object)
	for _, path := range api.Paths() {
		if _, ok := paths[path]; !ok {
			t.Errorf("%s is not described", path)
		}
	}
	if len(paths) != len(api.Paths()) {
		t.Errorf("%d paths are described, there are %d", len(paths), len(api.Paths()))
	}
	const studies, releases, one, file = "/api/v1/studies", "/api/v1/studies/{study}/releases", "/api/v1/studies/{study}/releases/{number}", "/api/v1/studies/{study}/releases/{number}/data.{format}"
	const self = "/api/v1/openapi.json"
	given := map[string]bool{}
	try := func(path, url string, status int, headers ...string) answer {
		t.Helper()
		var first answer
		for _, method := range []string{"GET", "HEAD"} {
			a := w.ask(method, url, headers...)
			what := fmt.Sprintf("%s %s %d", method, path, a.status)
			if given[what] = true; a.status != status {
				t.Errorf("%s (%s), want %d", what, url, status)
			}
			responses := paths[path].(object)[strings.ToLower(method)].(object)["responses"].(object)
			said, ok := responses[fmt.Sprint(a.status)].(object)
			if !ok {
				t.Errorf("%s is not described", what)
				continue
			}
			said = follow(d, said)
			headers, _ := said["headers"].(object)
			for name := range headers {
				if a.header.Get(name) == "" {
					t.Errorf("%s: no header %s", what, name)
				}
			}
			if method == "HEAD" {
				continue
			}
			first = a
			kind, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
			content, _ := said["content"].(object)
			media, ok := content[kind].(object)
			if len(a.body) > 0 != (len(content) > 0) || len(a.body) > 0 && !ok {
				t.Errorf("%s: %d bytes of %q", what, len(a.body), kind)
			}
			if schema, ok := media["schema"].(object); ok && strings.HasSuffix(kind, "json") {
				var body any
				if err := json.Unmarshal(a.body, &body); err != nil {
					t.Errorf("%s: %v", what, err)
				}
				for _, wrong := range breaks(d, schema, body, "body") {
					t.Errorf("%s: %s", what, wrong)
				}
			}
		}
		return first
	}
	urls := map[string]string{self: self, studies: studies, releases: at, one: at + "/1", file: at + "/1/data.csv"}
	for path, url := range urls {
		a := try(path, url, 200)
		try(path, url, 304, "If-None-Match", a.header.Get("ETag"))
		if path != self {
			try(path, url, 401, "Authorization", "")
		}
	}
	for _, format := range []string{"sav", "dta", "parquet", "xlsx"} {
		try(file, at+"/1/data."+format, 200)
	}
	try(releases, "/api/v1/studies/another/releases", 403)
	try(one, "/api/v1/studies/another/releases/1", 403)
	try(one, at+"/9", 404)
	try(file, "/api/v1/studies/another/releases/1/data.csv", 403)
	try(file, at+"/9/data.csv", 404)
	try(file, at+"/1/data.xlsx?table=long", 422)
	try(file, at+"/1/data.csv", 206, "Range", "bytes=0-9")
	try(file, at+"/1/data.csv", 416, "Range", "bytes=99999999-")
	for range 80 { // more than strangers may
		w.ask("GET", studies, "Authorization", "Bearer no")
	}
	delete(urls, self) // it asks for nothing
	for path, url := range urls {
		try(path, url, 429, "Authorization", "Bearer no")
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	for path, url := range urls {
		try(path, url, 500)
	}
	for path, methods := range paths {
		for method, operation := range methods.(object) {
			for status := range operation.(object)["responses"].(object) {
				if what := strings.ToUpper(method) + " " + path + " " + status; !given[what] {
					t.Errorf("%s is described, and nothing gives it", what)
				}
			}
		}
	}
}

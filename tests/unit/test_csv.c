/* The CSV reader and writer: what is a record, where it begins, what is refused, and that both ways of
 * reading are one. */
#include "intake_fixture.h"

#include "bss/csv_impl.h"

static const struct csv_column abc[] = {{"A", CSV_NEEDED}, {"B", CSV_OPTIONAL}, {"C", CSV_OPTIONAL}};

static ptrdiff_t from_memory(void *user, char *p, size_t n, struct error *err)
{
	struct strv *left = user;
	size_t k = left->n < n ? left->n : n;

	(void)err;
	memcpy(p, left->p, k);
	left->p += k;
	left->n -= k;
	return (ptrdiff_t)k;
}

/* All records as text: "line:field|field;" and "line!fault;" for bad ones. */
static const char *read_all_as(
    const struct fixture *f, const char *bytes, size_t n, struct csv_settings settings)
{
	struct error err = {0};
	struct strbuf out = {0};
	struct csv_row row;
	enum csv_next next;

	struct strv left = {bytes, n};
	struct csv_stream stream = {from_memory, &left};
	struct csv_reader *reader =
	    csv_reader_open_stream("t.csv", &stream, abc, ARRAY_LEN(abc), &settings, &err);
	if (!reader)
		error_print(&err, stderr, false);
	assert_non_null(reader);
	while ((next = csv_reader_next(reader, &row, &err)) == CSV_ROW || next == CSV_BAD) {
		strbuf_addf(&out, "%lu%c", row.line, next == CSV_ROW ? ':' : '!');
		if (next == CSV_BAD)
			strbuf_addf(&out, "%d", row.fault);
		for (size_t i = 0; i < row.count; i++) {
			strbuf_addf(&out, "%s", i > 0 ? "|" : "");
			strbuf_addv(&out, row.fields[i]);
		}
		strbuf_addc(&out, ';');
	}
	assert_int_equal(next, CSV_DONE);
	csv_reader_close(reader);
	const char *kept = arena_strndup(f->arena, out.p ? out.p : "", out.n);
	strbuf_free(&out);
	return kept;
}

static const char *read_all(const struct fixture *f, const char *text)
{
	return read_all_as(f, text, strlen(text), (struct csv_settings){0});
}

static void reads_records(void **state)
{
	static const struct {
		const char *name, *text, *records;
	} cases[] = {
	    {"plain", "A,B,C\n1,2,3\n4,,6\n", "2:1|2|3;3:4||6;"},
	    {"no line break at the end", "A,B,C\n1,2,3", "2:1|2|3;"},
	    {"CRLF", "A,B,C\r\n1,2,3\r\n4,5,6\r\n", "2:1|2|3;3:4|5|6;"},
	    {"lone CR", "A,B,C\r1,2,3\r4,5,6\r", "2:1|2|3;3:4|5|6;"},
	    {"quotes", "A,B,C\n\"1\",\"2,x\",3\n", "2:1|2,x|3;"},
	    {"doubled quotes", "A,B,C\n\"say \"\"hi\"\"\",2,\"\"\"\"\n", "2:say \"hi\"|2|\";"},
	    {"quoted line break", "A,B,C\n1,\"x\ny\",3\n4,5,6\n", "2:1|x\ny|3;4:4|5|6;"},
	    {"quoted CRLF", "A,B,C\r\n1,\"x\r\ny\",3\r\n4,5,6\r\n", "2:1|x\r\ny|3;4:4|5|6;"},
	    {"quoted lone CR", "A,B,C\n1,\"x\ry\",3\n4,5,6\n", "2:1|x\ry|3;4:4|5|6;"},
	    {"empty quoted fields", "A,B,C\n\"\",\"\",\"\"\n", "2:||;"},
	    {"quoted at the end of the file", "A,B,C\n1,2,\"3\"", "2:1|2|3;"},
	    {"white space stays", "A,B,C\n 1 ,\t2,3 \n", "2: 1 |\t2|3 ;"},
	    {"blank lines are no records", "\n\nA,B,C\n\n1,2,3\n  \n\r\n4,5,6\n\n", "5:1|2|3;8:4|5|6;"},
	    {"only delimiters are a record", "A,B,C\n,,\n", "2:||;"},
	    {"semicolons", "A;B;C\n1,5;2;3\n", "2:1,5|2|3;"},
	    {"tabs", "A\tB\tC\n1\t2\t3\n\t\t\n", "2:1|2|3;3:||;"},
	    {"bars", "A|B|C\n1|2|3\n", "2:1|2|3;"},
	    {"a quoted header counts no delimiter in it", "\"A\";\"B,,,,x\";C\n1;2;3\n", "2:1|2|3;"},
	    {"byte order mark",
		"\xef\xbb\xbf"
		"A,B,C\n1,2,3\n",
		"2:1|2|3;"},
	    {"header only", "A,B,C\n", ""},
	    {"header only, no line break", "A,B,C", ""},
	    {"too few fields", "A,B,C\n1,2\n4,5,6\n", "2!1;3:4|5|6;"},
	    {"too many fields", "A,B,C\n1,2,3,4\n4,5,6\n", "2!1;3:4|5|6;"},
	    {"too few in quotes", "A,B,C\n\"1\n2\",x\n4,5,6\n", "2!1;4:4|5|6;"},
	    {"text after the closing quote", "A,B,C\n\"1\"x,2,3\n4,5,6\n", "2!1;3:4|5|6;"},
	    {"a quote inside", "A,B,C\n1,2\"x,3\n4,5,6\n", "2!1;3:4|5|6;"},
	    {"a quote after a blank", "A,B,C\n1, \"2\",3\n4,5,6\n", "2!1;3:4|5|6;"},
	    {"an open quote swallows nobody", "A,B,C\n1,\"2,3\n4,5,6\n7,\"8\",9\n", "2!1;3:4|5|6;4:7|8|9;"},
	    {"open at the end of the file", "A,B,C\n1,\"2,3\n4,5,6\n", "2!1;3:4|5|6;"},
	    {"open in the last line", "A,B,C\n4,5,6\n1,2,\"3", "2:4|5|6;3!1;"},
	    {"not UTF-8", "A,B,C\n1,\xff,3\n4,\"\xe9\",6\n7,\xc3\xa9,9\n", "2!2;3!2;4:7|\xc3\xa9|9;"},
	    {"surrogates and overlong forms", "A,B,C\n1,\xed\xa0\x80,3\n4,\xc0\xaf,6\n", "2!2;3!2;"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *found = read_all(*state, cases[i].text);
		if (strcmp(found, cases[i].records) != 0)
			print_error("case: %s\n", cases[i].name);
		assert_string_equal(found, cases[i].records);
	}
}

static void refuses_nul(void **state)
{
	static const char bytes[] = "A,B,C\n1,2\0,3\n4,5,6\n\"x\",\"y\0\",z\n7,8,9\n";

	assert_string_equal(read_all_as(*state, bytes, sizeof bytes - 1, (struct csv_settings){0}),
	    "2!1;3:4|5|6;4!1;5:7|8|9;");
}

/* `before`, then n times `c`, then `after`. */
static char *padded(const char *before, char c, size_t n, const char *after)
{
	char *text = mem_zalloc(strlen(before) + n + strlen(after) + 1);

	strcpy(text, before);
	memset(text + strlen(before), c, n);
	strcpy(text + strlen(before) + n, after);
	return text;
}

static void limits_fields(void **state)
{
	static const struct {
		size_t n;
		const char *before, *after, *records;
	} cases[] = {
	    {65537, "A,B,C\n1,", ",3\n4,5,6\n", "2!3;3:4|5|6;"},
	    {65537, "A,B,C\n1,\"", "\",3\n4,5,6\n", "2!3;3:4|5|6;"},
	    {65537, "A,B,C\n1,\"x\n", "\",3\n4,5,6\n", "2!3;3!1;4:4|5|6;"},
	    {1048576, "A,B,C\n1,", ",3\n4,5,6\n", "2!3;3:4|5|6;"},
	    {3000000, "A,B,C\n1,", ",3\n4,5,6\n", "2!3;3:4|5|6;"},
	    {3000000, "A,B,C\n1,\"", "\",3\n4,5,6\n", "2!3;3:4|5|6;"},
	    {3000000, "A,B,C\n1,", "", "2!3;"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char *text = padded(cases[i].before, 'x', cases[i].n, cases[i].after);
		assert_string_equal(read_all(*state, text), cases[i].records);
		free(text);
	}
	char *text = padded("A,B,C\n1,", 'x', CSV_FIELD_MAX, ",3\n");
	const char *found = read_all(*state, text);
	free(text);
	assert_int_equal(strlen(found), strlen("2:1||3;") + CSV_FIELD_MAX);
}

/* A CRLF, a multi-line field and a multi-byte character at every place of a buffer's end. */
static void crosses_buffers(void **state)
{
	for (size_t shift = 0; shift < 80; shift++) {
		size_t n = 256 * 1024 - 40 + shift;
		struct strbuf text = {0};
		strbuf_adds(&text, "A,B,C\r\n");
		while (text.n + 1000 < n)
			strbuf_addf(&text, "1,%0200d,3\r\n", 7);
		size_t rows = 0;
		for (size_t i = 0; i < text.n; i++)
			rows += text.p[i] == '\n';
		strbuf_addf(
		    &text, "a,%0*d,c\r\nd,\"e\r\nf\",g\r\n\xe6\x97\xa5,i,j\r\n", (int)(n - text.n - 12), 0);
		const char *found = read_all(*state, text.p);
		char *expected = mem_printf("%zu:d|e\r\nf|g;%zu:\xe6\x97\xa5|i|j;", rows + 2, rows + 4);
		assert_non_null(strstr(found, expected));
		free(expected);
		strbuf_free(&text);
	}
}

/* The good records of a first look, completed: as read_all_as() gives them, without the bad ones. */
static const char *look_first(const struct fixture *f, const char *bytes, size_t n, size_t column)
{
	struct csv_settings settings = {0};
	struct error err = {0};
	struct strbuf out = {0};
	struct csv_row row;
	enum csv_next next;
	struct strv left = {bytes, n};
	struct csv_stream stream = {from_memory, &left};
	struct csv_reader *reader =
	    csv_reader_open_stream("t.csv", &stream, abc, ARRAY_LEN(abc), &settings, &err);

	csv_reader_want(reader, &column, 1);
	while ((next = csv_reader_next(reader, &row, &err)) == CSV_ROW || next == CSV_BAD) {
		struct strv wanted =
		    next == CSV_ROW ? csv_reader_field(reader, &row, column) : (struct strv){NULL, 0};
		char *kept = strv_dup(wanted);
		if (next == CSV_ROW && csv_reader_complete(reader, &row)) {
			struct strv whole = csv_reader_field(reader, &row, column);
			if (!strv_eq(strv_of(kept), whole))
				print_error("column %zu: first \"%s\", then \"%.*s\" in: %.*s\n", column,
				    kept, STRV_ARG(whole), (int)n, bytes);
			assert_true(strv_eq(strv_of(kept), whole));
			strbuf_addf(&out, "%lu:", row.line);
			for (size_t i = 0; i < row.count; i++) {
				strbuf_addf(&out, "%s", i > 0 ? "|" : "");
				strbuf_addv(&out, row.fields[i]);
			}
			strbuf_addc(&out, ';');
		}
		free(kept);
	}
	assert_int_equal(next, CSV_DONE);
	csv_reader_close(reader);
	const char *found = arena_strndup(f->arena, out.p ? out.p : "", out.n);
	strbuf_free(&out);
	return found;
}

/* Takes the bad records out of what read_all_as() gave: "12!1;". */
static const char *without_bad(const struct fixture *f, const char *records)
{
	char *out = arena_strdup(f->arena, records), *to = out;

	for (const char *at = records; *at;) {
		size_t digits = strspn(at, "0123456789");
		bool bad = digits > 0 && at[digits] == '!' && at[digits + 1] && at[digits + 2] == ';' &&
			   (at == records || at[-1] == ';');
		if (bad) {
			at += digits + 3;
			continue;
		}
		*to++ = *at++;
	}
	*to = '\0';
	return out;
}

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t random_file(uint64_t *seed, char *out, size_t max)
{
	static const char pieces[] = "abc,,,,\"\"\"\"\n\n\n\r\r  \t;x\"";
	size_t n = (size_t)snprintf(out, max, "A,B,C\n"), length = next_random(seed) % 120;

	for (size_t i = 0; i < length; i++) {
		uint64_t r = next_random(seed);
		if (r % 23 == 0)
			n += (size_t)snprintf(out + n, max - n, "%s",
			    (const char *const[]){"\xc3\xa9", "\"x,y\",", "\r\n", "\"a\"\"b\","}[r / 23 % 4]);
		else if (r % 97 == 0)
			out[n++] = (char)(r / 97 % 2 ? 0 : 0xff);
		else
			out[n++] = pieces[r / 100 % (sizeof pieces - 1)];
	}
	return n;
}

/* Random files, well-formed or not, give the same records both ways. */
static void both_ways_are_one(void **state)
{
	uint64_t seed = UINT64_C(0x5eed5eed5eed);
	struct fixture *f = *state;
	char file[2048];

	for (int i = 0; i < 20000; i++) {
		size_t n = random_file(&seed, file, sizeof file);
		const char *fast = read_all_as(f, file, n, (struct csv_settings){0});
		const char *slow = read_all_as(f, file, n, (struct csv_settings){.libcsv_only = true});
		if (strcmp(fast, slow) != 0)
			print_error("file: %.*s\n", (int)n, file);
		assert_string_equal(fast, slow);
		const char *looked = look_first(f, file, n, (size_t)i % 3), *good = without_bad(f, fast);
		if (strcmp(looked, good) != 0)
			print_error("file: %.*s\n", (int)n, file);
		assert_string_equal(looked, good);
	}
}

/* A first look at some columns, completed where it matters, gives the same rows. */
static void looks_first(void **state)
{
	struct fixture *f = *state;
	struct csv_settings settings = {0};
	struct error err = {0};
	struct csv_row row;
	size_t want[] = {1};
	char sound[8] = "";
	size_t n = 0;

	put(f, "t.csv", "C,A,B\n1,2,3\n\"1\",\"2\",\"3,x\"\n1,2\n1,\"2\"\"\",\xff\n1,2,3");
	struct csv_reader *reader =
	    csv_reader_open(in_folder(f, "t.csv"), abc, ARRAY_LEN(abc), &settings, &err);
	assert_non_null(reader);
	want[0] = 0;
	csv_reader_want(reader, want, 1);
	while (csv_reader_next(reader, &row, &err) == CSV_ROW) {
		assert_int_equal(csv_reader_field(reader, &row, 0).p[0], '2');
		bool good = csv_reader_complete(reader, &row);
		sound[n++] = good ? 'y' : 'n';
		if (good)
			assert_int_equal(csv_reader_field(reader, &row, 1).p[0], '3');
	}
	csv_reader_close(reader);
	assert_string_equal(sound, "yynny");
}

static void seeks_back(void **state)
{
	struct fixture *f = *state;
	struct csv_settings settings = {0};
	struct error err = {0};
	struct csv_row row;

	put(f, "t.csv",
	    "\xef\xbb\xbf"
	    "A,B,C\n1,\"x\ny\",3\n4,5,6\n7,8,9\n");
	struct csv_reader *reader =
	    csv_reader_open(in_folder(f, "t.csv"), abc, ARRAY_LEN(abc), &settings, &err);
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_ROW);
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_ROW);
	uint64_t place = csv_reader_tell(reader, &row);
	unsigned long line = row.line;
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_ROW);
	assert_int_equal(csv_reader_seek(reader, place, line, &err), 0);
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_ROW);
	assert_int_equal(row.line, 4);
	assert_int_equal(csv_reader_field(reader, &row, 0).p[0], '4');
	assert_int_equal(csv_reader_rewind(reader, &err), 0);
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_ROW);
	assert_int_equal(row.line, 2);
	csv_reader_close(reader);
}

static void maps_headers(void **state)
{
	static const struct csv_column columns[] = {{"Order Id", CSV_NEEDED}, {"Email", CSV_NEEDED},
	    {"Tier", CSV_EITHER}, {"Product Code", CSV_EITHER}};
	static const struct text_pair aliases[] = {{"E-Mail-Adresse", "email"}};
	struct csv_settings settings = {.aliases = aliases, .alias_count = 1};
	struct fixture *f = *state;
	struct error err = {0};
	struct csv_row row;

	put(f, "t.csv", "e_mail adresse;Sales Rep; ORDER--ID ;product_code;;\na;b;c;d;;\n");
	struct csv_reader *reader =
	    csv_reader_open(in_folder(f, "t.csv"), columns, ARRAY_LEN(columns), &settings, &err);
	assert_non_null(reader);
	assert_int_equal(csv_reader_delimiter(reader), ';');
	assert_int_equal(csv_reader_width(reader), 6);
	assert_string_equal(csv_reader_header(reader, 2), "ORDER--ID");
	assert_int_equal(csv_reader_column_at(reader, 2), 0);
	assert_int_equal(csv_reader_column_at(reader, 1), -1);
	assert_false(csv_reader_has(reader, 2));
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_ROW);
	assert_true(strv_eq(csv_reader_field(reader, &row, 1), STRV("a")));
	assert_null(csv_reader_field(reader, &row, 2).p);
	csv_reader_close(reader);
}

/* Refused with this in the text and this in the hint. */
static void refused(const struct fixture *f, const char *bytes, size_t n, const char *text, const char *hint)
{
	static const struct csv_column columns[] = {{"Order Id", CSV_NEEDED}, {"Quantity", CSV_NEEDED},
	    {"Tier", CSV_EITHER}, {"Product Code", CSV_EITHER}};
	struct csv_settings settings = {0};
	struct error err = {0};

	put_bytes(f, "t.csv", bytes, n);
	assert_null(csv_reader_open(in_folder(f, "t.csv"), columns, ARRAY_LEN(columns), &settings, &err));
	assert_int_equal(err.code, ERR_SOURCE);
	assert_string_equal(err.source, in_folder(f, "t.csv"));
	if (!strstr(err.text, text) || !strstr(err.hint, hint))
		error_print(&err, stderr, false);
	assert_non_null(strstr(err.text, text));
	assert_non_null(strstr(err.hint, hint));
}
#define REFUSED(literal, text, hint) refused(*state, literal, sizeof literal - 1, text, hint)

static void refuses_files(void **state)
{
	struct fixture *f = *state;
	struct csv_settings settings = {0};
	struct error err = {0};

	REFUSED("", "empty", "header");
	REFUSED("\n \n", "no header line", "export");
	REFUSED("\xef\xbb\xbf", "no header line", "export");
	REFUSED("Order Id,Quantiy,Tier\n", "lacks Quantity; it has: Order Id, Quantiy, Tier",
	    "\"Quantiy\" the column Quantity");
	REFUSED("Id,Quantity\n", "lacks Order Id, Tier or Product Code", "bss.csv.columns");
	REFUSED("Order Id,order_id,Quantity,Tier\n", "two columns are Order Id", "keep one");
	REFUSED("Order Id,Quantity,Tier,X,x\n", "\"x\" is there twice", "keep one");
	REFUSED("\"Order Id,Quantity\n", "header line cannot be read", "");
	REFUSED("PK\x03\x04\x14\x00\x06\x00", "not a text file", "workbook");
	REFUSED("\x1f\x8b\x08\x00", "not a text file", "gzip");
	REFUSED("\xff\xfeO\0r\0d\0", "not a text file", "UTF-16");
	REFUSED("Order Id\0,Quantity\n", "not a text file", "CSV");
	REFUSED("Order Id,Quantity,Tier,Stra\xdf"
		"e\n",
	    "header line is not UTF-8", "bss.csv.encoding");

	assert_null(csv_reader_open(in_folder(f, "missing.csv"), abc, 3, &settings, &err));
	assert_non_null(strstr(err.text, "No such file"));
	error_clear(&err);
	assert_null(csv_reader_open(f->folder, abc, 3, &settings, &err));
	assert_non_null(strstr(err.text, "directory"));
	error_clear(&err);
	assert_int_equal(mkfifo(in_folder(f, "pipe"), 0600), 0);
	assert_null(csv_reader_open(in_folder(f, "pipe"), abc, 3, &settings, &err));
	assert_non_null(strstr(err.text, "regular"));
}

static void converts_encodings(void **state)
{
	static const char windows[] = "A;B;C\nStra\xdf"
				      "e;\x80;3\n\x81;2;3\n4;5;6\n";
	static const char utf16[] = "\xff\xfe"
				    "A\0,\0B\0,\0C\0\n\0\xe9\0,\0\x3d\xd8\x00\xde,\0\x33\0\n\0";
	static const char broken[] =
	    "\xff\xfe"
	    "A\0,\0B\0,\0C\0\n\0\x3d\xd8,\0\x32\0,\0\x33\0\n\0\x34\0,\0\x35\0,\0\x36\0";

	assert_string_equal(read_all_as(*state, windows, sizeof windows - 1,
				(struct csv_settings){.encoding = ENCODING_WINDOWS_1252}),
	    "2:Straße|€|3;3!2;4:4|5|6;");
	assert_string_equal(
	    read_all_as(*state, utf16, sizeof utf16 - 1, (struct csv_settings){.encoding = ENCODING_UTF16}),
	    "2:é|\xf0\x9f\x98\x80|3;");
	assert_string_equal(
	    read_all_as(*state, broken, sizeof broken - 1, (struct csv_settings){.encoding = ENCODING_UTF16}),
	    "2!2;3:4|5|6;");
}

/* Many conversion blocks, so that characters are cut at their ends. */
static void converts_long_files(void **state)
{
	struct strbuf text = {0};

	strbuf_add(&text, "A\0,\0B\0,\0C\0\n\0", 12);
	for (int i = 0; i < 40000; i++)
		strbuf_add(&text, "\x3d\xd8\x00\xde,\0\xe9\0,\0\x33\0\n\0", 14);
	const char *found =
	    read_all_as(*state, text.p, text.n, (struct csv_settings){.encoding = ENCODING_UTF16});
	assert_non_null(strstr(found, "40001:\xf0\x9f\x98\x80|é|3;"));
	assert_null(strchr(found, '!'));
	strbuf_free(&text);
}

static ptrdiff_t a_byte_at_a_time(void *user, char *p, size_t n, struct error *err)
{
	const char **at = user;

	(void)n;
	(void)err;
	if (!**at)
		return 0;
	*p = *(*at)++;
	return 1;
}

static void reads_streams(void **state)
{
	const char *text = "A,B,C\r\n1,\"x\r\ny\",3\r\n";
	struct csv_stream stream = {a_byte_at_a_time, &text};
	struct csv_settings settings = {0};
	struct error err = {0};
	struct csv_row row;

	(void)state;
	struct csv_reader *reader = csv_reader_open_stream("stream", &stream, abc, 3, &settings, &err);
	assert_non_null(reader);
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_ROW);
	assert_true(strv_eq(row.fields[1], STRV("x\r\ny")));
	assert_int_equal(csv_reader_next(reader, &row, &err), CSV_DONE);
	csv_reader_close(reader);
}

static void notices_change(void **state)
{
	struct fixture *f = *state;
	struct csv_settings settings = {0};
	struct error err = {0};

	put(f, "t.csv", "A,B,C\n1,2,3\n");
	struct csv_reader *reader = csv_reader_open(in_folder(f, "t.csv"), abc, 3, &settings, &err);
	assert_int_equal(csv_reader_unchanged(reader, &err), 0);
	put(f, "other.csv", "A,B,C\n1,2,3\n");
	assert_int_equal(rename(in_folder(f, "other.csv"), in_folder(f, "t.csv")), 0);
	assert_int_equal(csv_reader_unchanged(reader, &err), -1);
	assert_int_equal(err.code, ERR_SOURCE);
	assert_non_null(strstr(err.text, "changed"));
	csv_reader_close(reader);
}

static void writes_fields(void **state)
{
	struct fixture *f = *state;
	struct error err = {0};
	struct csv_writer plain = {.delimiter = ';'}, report = {.defuse = true};
	struct atomic_file *out = atomic_file_new(in_folder(f, "out.csv"), &err);

	csv_writer_text(&plain, "a,b");
	csv_writer_text(&plain, "c;d");
	csv_writer_text(&plain, "say \"x\"");
	csv_writer_text(&plain, "e\nf");
	csv_writer_text(&plain, NULL);
	csv_writer_number(&plain, -5);
	csv_writer_text(&plain, "=1+1");
	csv_writer_end(&plain, out);
	csv_writer_text(&report, "=1+1");
	csv_writer_text(&report, "+49 30 1");
	csv_writer_text(&report, "-12.50");
	csv_writer_text(&report, "@x,y");
	csv_writer_text(&report, "-");
	csv_writer_end(&report, out);
	csv_writer_free(&plain);
	csv_writer_free(&report);
	assert_int_equal(atomic_file_commit(out, &err), 0);
	assert_string_equal(get(f, "out.csv"), "a,b;\"c;d\";\"say \"\"x\"\"\";\"e\nf\";;-5;=1+1\n"
					       "'=1+1,'+49 30 1,-12.50,\"'@x,y\",'-\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(reads_records), TEST(refuses_nul), TEST(limits_fields),
	    TEST(crosses_buffers), TEST(both_ways_are_one), TEST(looks_first), TEST(seeks_back),
	    TEST(maps_headers), TEST(refuses_files), TEST(converts_encodings), TEST(converts_long_files),
	    TEST(reads_streams), TEST(notices_change), TEST(writes_fields)};

	return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}

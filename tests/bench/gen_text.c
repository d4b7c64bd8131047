/* Random decisions and texts of the data generator; see gen.h. Companies, people and addresses are invented.
 */
#include <stdlib.h>
#include <string.h>

#include "gen.h"
#include "tenantry/mem.h"

enum { BUFFER = 1 << 20, SLACK = 4096 };

static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t gen_hash(const struct gen *gen, uint64_t stream, uint64_t i)
{
	return mix(mix(gen->seed * UINT64_C(0x100000001b3) + stream) ^ i);
}

struct permutation permutation_of(uint64_t n, uint64_t key)
{
	struct permutation p = {.n = n, .key = key, .half = 1};

	while ((UINT64_C(1) << (2 * p.half)) < n)
		p.half++;
	p.mask = (UINT64_C(1) << p.half) - 1;
	return p;
}

uint64_t permuted(const struct permutation *p, uint64_t x)
{
	do {
		uint64_t left = x >> p->half, right = x & p->mask;
		for (uint64_t round = 0; round < 4; round++) {
			uint64_t next = left ^ (mix(right ^ p->key ^ (round << 56)) & p->mask);
			left = right;
			right = next;
		}
		x = (left << p->half) | right;
	} while (x >= p->n);
	return x;
}

void out_open(struct out *out, const struct gen *gen, const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/%s", gen->folder, name);
	out->file = fopen(path, "wb");
	if (!out->file) {
		perror(path);
		exit(1);
	}
	out->buffer = mem_resize(NULL, BUFFER + SLACK, 1);
	out->n = 0;
}

static void flush(struct out *out)
{
	if (out->n > 0 && fwrite(out->buffer, 1, out->n, out->file) != out->n) {
		perror("write");
		exit(1);
	}
	out->n = 0;
}

uint64_t out_close(struct out *out)
{
	flush(out);
	long bytes = ftell(out->file);
	if (fclose(out->file) != 0) {
		perror("close");
		exit(1);
	}
	free(out->buffer);
	return (uint64_t)bytes;
}

/* A line is far shorter than SLACK; the buffer is looked at once a line. */
void out_text(struct out *out, const char *text)
{
	size_t n = strlen(text);

	memcpy(out->buffer + out->n, text, n);
	out->n += n;
}

void out_comma(struct out *out)
{
	out->buffer[out->n++] = ',';
}

void out_line(struct out *out)
{
	out->buffer[out->n++] = '\n';
	if (out->n > BUFFER)
		flush(out);
}

void out_number(struct out *out, uint64_t value, int width)
{
	char text[24];
	int at = (int)sizeof text;

	do
		text[--at] = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	while ((int)sizeof text - at < width)
		text[--at] = '0';
	memcpy(out->buffer + out->n, text + at, sizeof text - (size_t)at);
	out->n += sizeof text - (size_t)at;
}

void out_uuid(struct out *out, const struct gen *gen, uint64_t stream, uint64_t i)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t halves[2] = {gen_hash(gen, stream, 2 * i), gen_hash(gen, stream, 2 * i + 1)};

	for (unsigned k = 0; k < 32; k++) {
		unsigned digit = (unsigned)(halves[k / 16] >> (k % 16 * 4)) & 15;
		if (k == 8 || k == 12 || k == 16 || k == 20)
			out->buffer[out->n++] = '-';
		if (k == 12)
			digit = 4;
		if (k == 16)
			digit = (digit & 3) | 8;
		out->buffer[out->n++] = digits[digit];
	}
}

static const char *pick(const char *const *items, size_t count, uint64_t hash)
{
	return items[hash % count];
}

void out_company(struct out *out, const struct gen *gen, uint64_t account)
{
	static const char *const first[] = {"Brightwater", "Aurora", "Blue Harbor", "Müller",
	    "Société Lumière", "Østerbro", "Kestrel", "Longfield", "Αθήνα Δίκτυα", "Greyridge", "Zürich IT",
	    "Piñata Cloud", "Larkspur", "Šumava", "日本クラウド", "Oakmoor", "Northmere", "Wingfold",
	    "Lucerne", "Graphic Works"};
	static const char *const second[] = {"Systems", "Networks", "IT Services", "Cloud", "Söhne",
	    "Partners", "Consulting", "Data", "Managed Services", "Hosting"};
	static const char *const legal[] = {"Ltd", "GmbH", "Inc.", "S.A.", "BV", "ApS", "LLC", "AE"};
	uint64_t hash = gen_hash(gen, 11, account);
	unsigned form = (unsigned)(hash >> 40) % 100;
	const char *before = form < 15   ? "\""
			     : form < 17 ? "\""
					 : "",
		   *between = form < 15   ? ", "
			      : form < 17 ? " \"\""
					  : " ";

	out_text(out, before);
	out_text(out, pick(first, ARRAY_LEN(first), hash));
	out_text(out, between);
	out_text(out, pick(second, ARRAY_LEN(second), hash >> 8));
	out_text(out, form >= 15 && form < 17 ? "\"\" " : " ");
	out_text(out, pick(legal, ARRAY_LEN(legal), hash >> 16));
	out_text(out, before);
}

void out_account_id(struct out *out, const struct gen *gen, uint64_t account)
{
	out_text(out, "ACC-");
	out_number(out, permuted(&gen->ids, account), 9);
}

void out_email(struct out *out, const struct gen *gen, uint64_t account, int variant)
{
	static const char *const names[] = {"anna", "john", "maria", "peter", "eleni", "lars", "sofia",
	    "james", "chloe", "marco", "nikos", "ines", "tom", "kate", "hugo", "emma"};
	uint64_t hash = gen_hash(gen, 12, account);
	size_t begin = out->n;

	out_text(out, pick(names, ARRAY_LEN(names), hash));
	out_text(out, ".");
	out_number(out, account * 7 + (hash >> 8) % 7, 0);
	out_text(out, "@msp");
	out_number(out, (hash >> 20) % 5000, 0);
	out_text(out, ".example.com");
	if (variant == 1)
		for (size_t i = begin + 1; i < out->n; i += 2)
			if (out->buffer[i] >= 'a' && out->buffer[i] <= 'z')
				out->buffer[i] = (char)(out->buffer[i] - ('a' - 'A'));
	if (variant == 2)
		out->buffer[begin] = 'x';
}

void out_date(struct out *out, uint64_t hash)
{
	out_number(out, 2022 + hash % 4, 4);
	out_text(out, "-");
	out_number(out, 1 + (hash >> 8) % 12, 2);
	out_text(out, "-");
	out_number(out, 1 + (hash >> 16) % 28, 2);
}

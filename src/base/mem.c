/* Allocation that cannot fail for its callers; see mem.h for why that is safe here. */
#include "tenantry/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static _Noreturn void out_of_memory(void)
{
	static const char text[] = "tenantry: out of memory; what was done is in the ledger\n"
				   "hint: run the same command again when memory is free\n";

	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(3);
	exit(3);
}

void mem_setup(void)
{
	mallopt(M_MMAP_THRESHOLD, 1024 * 1024);
	/* Setting one sets the other for good, at a size at which the heap's end would go up and down all the
	 * time. */
	mallopt(M_TRIM_THRESHOLD, 16 * 1024 * 1024);
}

void *mem_zalloc(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (!p)
		out_of_memory();
	return p;
}

void *mem_resize(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory();
	p = realloc(p, bytes ? bytes : 1);
	if (!p)
		out_of_memory();
	return p;
}

void *mem_table(size_t count, size_t size)
{
	enum { LARGE_PAGE = 2 * 1024 * 1024 };
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		out_of_memory();
	if (bytes < 2 * LARGE_PAGE)
		return mem_resize(NULL, count, size);
	bytes = (bytes + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
	void *p = aligned_alloc(LARGE_PAGE, bytes);
	if (!p)
		out_of_memory();
	/* Where it is refused nothing is lost. */
	madvise(p, bytes, MADV_HUGEPAGE);
	return p;
}

void *mem_move(void *p, size_t count, size_t cap, size_t size)
{
	void *table = memcpy(mem_table(cap, size), p, count * size);

	free(p);
	return table;
}

char *mem_strndup(const char *s, size_t n)
{
	char *copy = mem_zalloc(n + 1);

	if (n > 0)
		memcpy(copy, s, n);
	return copy;
}

char *mem_strdup(const char *s)
{
	return s ? mem_strndup(s, strlen(s)) : NULL;
}

char *mem_printf(const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	int n = vasprintf(&text, format, args);
	va_end(args);
	if (n < 0)
		out_of_memory();
	return text;
}

/* What the makers of help texts share. */
#ifndef TENANTRY_HELP_IMPL_H
#define TENANTRY_HELP_IMPL_H

#include "tenantry/options.h"
#include "tenantry/str.h"

/* A program that is one command has a single row without a name. */
bool program_is_single(const struct program *program);
bool command_takes(const struct command *command, size_t option);
/* "-q, --quiet", "--limit N" */
void add_option_label(const struct option *option, struct strbuf *out);
/* The next line of a text, or the next paragraph (ended by an empty line); false at the end. */
bool next_line(const char **text, struct strv *line);
bool next_paragraph(const char **text, struct strv *paragraph);
/* Two columns in a line of a section, "0    all good": the first word, then what stands behind two spaces or
 * more. */
bool split_columns(struct strv line, struct strv *term, struct strv *rest);

#endif

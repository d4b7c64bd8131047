/* What the points say that a night passed; see stage.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stage.h"

struct mails {
	size_t intents, outcomes, intents_kept, outcomes_kept, hit;
	bool struck; /* since an intent whose outcome is not kept */
};

static void commit(struct mails *m)
{
	m->hit += m->struck ? m->outcomes - m->outcomes_kept : 0;
	m->struck = m->struck && m->intents > m->outcomes;
	m->intents_kept = m->intents;
	m->outcomes_kept = m->outcomes;
}

static void pass(struct mails *m, const char *what, const char *of)
{
	bool mail = strcmp(of, "SendActivationEmail") == 0;

	m->intents += mail && strcmp(what, "intent-written") == 0;
	m->outcomes += mail && strcmp(what, "answer-taken") == 0;
	if (strcmp(what, "committed") == 0)
		commit(m);
	if (strcmp(what, "struck") != 0)
		return;
	m->struck |= m->intents > m->outcomes_kept;
	/* This commit says that it failed, and is kept. */
	if (strcmp(of, "sqlite-late") == 0)
		m->intents_kept = m->intents;
}

size_t stage_mails_in_doubt(const struct stage *stage, int night)
{
	char *text = stage_points(stage, night), *rest = text, *line;
	struct mails m = {0};

	while ((line = strsep(&rest, "\n")) != NULL) {
		char what[64] = "", of[64] = "";
		sscanf(line, "%*u %63s %63s", what, of);
		pass(&m, what, of);
	}
	free(text);
	return m.intents_kept - m.outcomes_kept + m.hit;
}

/* Countries: the 249 officially assigned codes of ISO 3166-1 alpha-2 (reserved ones such as UK, EU and XK are
 * none). */
#include "tenantry/rules.h"

/* By first letter, the second letters in order. */
static const char *const second_letters[26] = {
    "DEFGILMOQRSTUWXZ",        /* A */
    "ABDEFGHIJLMNOQRSTVWYZ",   /* B */
    "ACDFGHIKLMNORUVWXYZ",     /* C */
    "EJKMOZ",                  /* D */
    "CEGHRST",                 /* E */
    "IJKMOR",                  /* F */
    "ABDEFGHILMNPQRSTUWY",     /* G */
    "KMNRTU",                  /* H */
    "DELMNOQRST",              /* I */
    "EMOP",                    /* J */
    "EGHIMNPRWYZ",             /* K */
    "ABCIKRSTUVY",             /* L */
    "ACDEFGHKLMNOPQRSTUVWXYZ", /* M */
    "ACEFGILOPRUZ",            /* N */
    "M",                       /* O */
    "AEFGHKLMNRSTWY",          /* P */
    "A",                       /* Q */
    "EOSUW",                   /* R */
    "ABCDEGHIJKLMNORSTVXYZ",   /* S */
    "CDFGHJKLMNORTVWZ",        /* T */
    "AGMSYZ",                  /* U */
    "ACEGINU",                 /* V */
    "FS",                      /* W */
    "",                        /* X */
    "ET",                      /* Y */
    "AMW",                     /* Z */
};

bool country_is_assigned(struct strv code)
{
	if (code.n != 2)
		return false;
	unsigned first = (unsigned char)(code.p[0] & ~0x20) - 'A',
		 second = (unsigned char)(code.p[1] & ~0x20);
	if (first >= 26 || second < 'A' || second > 'Z')
		return false;
	return strchr(second_letters[first], (int)second) != NULL;
}

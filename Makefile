# Tenantry: build, test, install. `make` only builds; `make deps` installs what is missing; `make demo` and `make check` do both.
# Each flavour has a folder of its own below build/, so none needs a clean first.

FLAVOUR ?= release
BUILD   ?= build/$(FLAVOUR)
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0

PKGS    := libcurl jansson yaml-0.1 libpq sqlite3 xlsxwriter libzstd libxxhash
SANDBOX_PKGS := libmicrohttpd gnutls jansson sqlite3 libxxhash
LIBS    = $(shell pkg-config --libs $(PKGS)) -lcsv -lgmp
SANDBOX_LIBS = $(shell pkg-config --libs $(SANDBOX_PKGS)) -lpthread
WARN    := -Wall -Wextra -Wshadow -Wconversion -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
CFLAGS  ?= $(CFLAGS_$(FLAVOUR))
SAN     := $(SAN_$(FLAVOUR))

CFLAGS_release  := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_debug    := -O0 -g3
CFLAGS_asan     := -O1 -g -fno-omit-frame-pointer
CFLAGS_tsan     := -O1 -g -fno-omit-frame-pointer
CFLAGS_coverage := -O0 -g --coverage
SAN_asan        := -fsanitize=address,undefined -fno-sanitize-recover=all
SAN_tsan        := -fsanitize=thread
SAN_coverage    := --coverage

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DTENANTRY_VERSION='"$(VERSION)"' -Iinclude -Isrc -I$(BUILD)/gen $(WARN) \
             $(shell pkg-config --cflags $(PKGS) $(SANDBOX_PKGS)) $(CFLAGS) $(SAN)

SQL     := $(sort $(wildcard src/ledger/sql/*.sql))
SRC     := $(sort $(shell find src -name '*.c'))
OBJ     := $(SRC:%.c=$(BUILD)/%.o)
# What both programs share is base/ and the option table; the sandbox's own folder stays out of tenantry.
SANDBOX_OBJ := $(filter $(BUILD)/src/sandbox/% $(BUILD)/src/base/% $(BUILD)/src/cli/options.o $(BUILD)/src/cli/help.o,$(OBJ))
TENANTRY_OBJ := $(filter-out $(BUILD)/src/sandbox/%,$(OBJ))
TESTABLE_OBJ := $(filter-out $(BUILD)/src/main.o,$(TENANTRY_OBJ))
SANDBOX_TESTABLE_OBJ := $(filter $(BUILD)/src/sandbox/%,$(filter-out $(BUILD)/src/sandbox/main.o,$(OBJ)))
PROGRAMS := $(BUILD)/tenantry $(BUILD)/tenantry-sandbox
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT    := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)
FAKE_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/fake/*.c)))

all: $(PROGRAMS)

$(BUILD)/tenantry: $(TENANTRY_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tenantry-sandbox: $(SANDBOX_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS)

$(BUILD)/%.o: %.c | $(BUILD)/gen/sql.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# One query a file becomes one string: sql/NAME.sql is sql_NAME.
$(BUILD)/gen/sql.h: $(SQL) src/ledger/sql_header.sh
	@mkdir -p $(@D)
	sh src/ledger/sql_header.sh $(SQL) > $@.tmp && mv $@.tmp $@

$(BUILD)/tests/test_%: $(BUILD)/tests/unit/test_%.o $(FAKE_OBJ) $(TESTABLE_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(shell pkg-config --libs cmocka libmicrohttpd)

unit: $(UNIT)

-include $(OBJ:.o=.d) $(FAKE_OBJ:.o=.d) $(UNIT_SRC:%.c=$(BUILD)/%.d)
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all unit

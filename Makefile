# Tenantry: build, test, install. `make` only builds; `make deps` installs what is missing; `make demo` and `make check` do both.
# Each flavour has a folder of its own below build/, so none needs a clean first.

FLAVOUR ?= release
BUILD   ?= build/$(FLAVOUR)
PREFIX  ?= /usr/local
DESTDIR ?=
VERSION := 0.1.0

PKGS    := libpq libcurl jansson yaml-0.1 sqlite3 xlsxwriter gmp libzstd libxxhash nettle
SANDBOX_PKGS := libmicrohttpd gnutls jansson sqlite3 libxxhash nettle
comma    := ,
# Asked once, and only when something is compiled: `make deps` must work before any of them is there.
once     = $(eval $(1) := $(shell $(2)))$($(1))
PKG_LIBS = $(call once,PKG_LIBS,pkg-config --libs $(PKGS))
LIBS     = $(PKG_LIBS) -lcsv
SANDBOX_PKG_LIBS = $(call once,SANDBOX_PKG_LIBS,pkg-config --libs $(SANDBOX_PKGS))
SANDBOX_LIBS = $(SANDBOX_PKG_LIBS) -lpthread
TEST_LIBS = $(call once,TEST_LIBS,pkg-config --libs cmocka libmicrohttpd gnutls)
PKG_CFLAGS = $(call once,PKG_CFLAGS,pkg-config --cflags $(PKGS) $(SANDBOX_PKGS))

# Debian's names. The first list builds, the second is what only tests, the demo's pictures and `make lint` need.
DEPS_BUILD := gcc make pkg-config libcsv-dev libcurl4-openssl-dev libjansson-dev libyaml-dev libsqlite3-dev libxlsxwriter-dev zlib1g-dev \
              libpq-dev libgmp-dev libzstd-dev libxxhash-dev nettle-dev libmicrohttpd-dev libgnutls28-dev
DEPS_DEMO  := curl
DEPS_CHECK := libcmocka-dev clang curl jq sqlite3 openssl postgresql pgbouncer nghttp2-proxy systemd unzip zstd man-db groff-base iproute2
DEPS_LINT  := clang-format clang-tidy cppcheck shellcheck lcov
WARN    := -Wall -Wextra -Wshadow -Wconversion -Wvla -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes
CFLAGS  ?= $(CFLAGS_$(FLAVOUR))
SAN     ?= $(SAN_$(FLAVOUR))

CFLAGS_release  := -O3 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong
CFLAGS_debug    := -O0 -g3
CFLAGS_asan     := -O1 -g -fno-omit-frame-pointer
CFLAGS_tsan     := -O1 -g -fno-omit-frame-pointer
CFLAGS_coverage := -O0 -g --coverage
CFLAGS_crash    := -O1 -g -DTENANTRY_CRASH_POINTS
SAN_asan        := -fsanitize=address,undefined -fno-sanitize-recover=all
SAN_tsan        := -fsanitize=thread
SAN_coverage    := --coverage

ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DTENANTRY_VERSION='"$(VERSION)"' -Iinclude -Isrc -I$(BUILD)/gen $(WARN) \
             $(PKG_CFLAGS) $(CFLAGS) $(SAN)

SQL     := $(sort $(wildcard src/ledger/sql/*.sql))
SANDBOX_SQL := $(sort $(wildcard src/sandbox/sql/*.sql))
BSS_SQL := $(sort $(wildcard src/bss/sql/*.sql))
SRC     := $(sort $(shell find src -name '*.c'))
OBJ     := $(SRC:%.c=$(BUILD)/%.o)
# What both programs share is base/ and the option table; the sandbox's own folder stays out of tenantry,
# and exact fractions (GMP) out of the sandbox.
SANDBOX_OBJ := $(filter-out $(BUILD)/src/base/rational.o,$(filter $(BUILD)/src/sandbox/% $(BUILD)/src/base/% $(BUILD)/src/cli/options.o $(BUILD)/src/cli/help.o,$(OBJ)))
TENANTRY_OBJ := $(filter-out $(BUILD)/src/sandbox/% $(BUILD)/src/cli/docs_main.o,$(OBJ))
TESTABLE_OBJ := $(filter-out $(BUILD)/src/main.o,$(TENANTRY_OBJ))
SANDBOX_TESTABLE_OBJ := $(filter $(BUILD)/src/sandbox/%,$(filter-out $(BUILD)/src/sandbox/main.o,$(OBJ)))
SANDBOX_SHARED_OBJ := $(filter-out $(BUILD)/src/sandbox/%,$(SANDBOX_OBJ))
PROGRAMS := $(BUILD)/tenantry $(BUILD)/tenantry-sandbox
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT    := $(UNIT_SRC:tests/unit/%.c=$(BUILD)/tests/%)
FAKE_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/fake/*.c)))

all: $(PROGRAMS)

$(BUILD)/tenantry: $(TENANTRY_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tenantry-sandbox: $(SANDBOX_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS)

$(BUILD)/%.o: %.c | $(BUILD)/gen/sql.h $(BUILD)/gen/sandbox_sql.h $(BUILD)/gen/bss_sql.h
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# One query a file becomes one string: sql/NAME.sql is sql_NAME.
$(BUILD)/gen/sql.h: $(SQL) src/ledger/sql_header.sh
	@mkdir -p $(@D)
	sh src/ledger/sql_header.sh $(SQL) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/sandbox_sql.h: $(SANDBOX_SQL) src/ledger/sql_header.sh
	@mkdir -p $(@D)
	sh src/ledger/sql_header.sh $(SANDBOX_SQL) > $@.tmp && mv $@.tmp $@

$(BUILD)/gen/bss_sql.h: $(BSS_SQL) src/ledger/sql_header.sh
	@mkdir -p $(@D)
	sh src/ledger/sql_header.sh $(BSS_SQL) > $@.tmp && mv $@.tmp $@

$(BUILD)/tests/test_%: $(BUILD)/tests/unit/test_%.o $(FAKE_OBJ) $(TESTABLE_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(TEST_LIBS)

# The sandbox's own tests drive its operations without a socket.
$(BUILD)/tests/test_sandbox%: $(BUILD)/tests/unit/test_sandbox%.o $(SANDBOX_TESTABLE_OBJ) $(SANDBOX_SHARED_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(SANDBOX_LIBS) $(shell pkg-config --libs cmocka)

unit: $(UNIT)

# Drivers play disturbed nights with the real programs; the one that dies on demand is a flavour of its own.
DRIVER_MAIN := crash lost_answers listings
DRIVERS := $(DRIVER_MAIN:%=$(BUILD)/tests/crash/%)
DRIVER_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(DRIVER_MAIN:%=tests/crash/%.c),$(sort $(wildcard tests/crash/*.c))))
CRASH_BUILD := FLAVOUR=crash BUILD=build/crash CFLAGS='$(CFLAGS_crash)' SAN= build/crash/tenantry
drivers: $(DRIVERS)
$(DRIVERS): %: %.o $(DRIVER_OBJ) $(TESTABLE_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

# ---- Installing what is missing. As root directly, otherwise through sudo.
define install_missing
	@missing=; for p in $(1); do dpkg-query -W -f '$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
		echo "installing:$$missing"; \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
		$$sudo apt-get -o DPkg::Lock::Timeout=300 update -q && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $$missing; \
	fi
endef
deps:
	$(call install_missing,$(DEPS_BUILD) $(DEPS_DEMO))
# PostgreSQL without the cluster that Debian makes and starts by itself: tests start their own, where and while they need it.
define no_main_cluster
	@dpkg-query -W -f '$${Status}' postgresql 2>/dev/null | grep -q 'ok installed' || { \
		sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; conf=/etc/postgresql-common/createcluster.conf; \
		grep -qs '^create_main_cluster *= *false' $$conf || echo 'create_main_cluster = false' | $$sudo tee -a $$conf >/dev/null; }
endef
deps-check: deps
	$(call install_missing,postgresql-common)
	$(no_main_cluster)
	$(call install_missing,$(DEPS_CHECK))
deps-lint: deps-check
	$(call install_missing,$(DEPS_LINT))

# ---- A whole night and the next one, against the local sandbox.
demo: deps
	@$(MAKE) --no-print-directory -s -j2 all
	@BUILD=$(BUILD) bash jobs/demo.sh

# ---- Tests. T=NAME runs only those whose name contains it.
check: deps-check
	@$(MAKE) --no-print-directory -s -j2 all unit docs drivers
	@$(MAKE) --no-print-directory -s -j2 $(CRASH_BUILD)
	@tests/run $(BUILD) $(T)
# What takes too long for each commit: the same tests over all they can try.
check-long: deps-check
	@$(MAKE) --no-print-directory -s -j2 all drivers
	@$(MAKE) --no-print-directory -s -j2 $(CRASH_BUILD)
	@TENANTRY_LONG=1 TEST_TIMEOUT=3600 tests/run $(BUILD) $(or $(T),crash)
	@$(if $(T),,TENANTRY_LONG=1 TEST_TIMEOUT=3600 tests/run $(BUILD) listings)
	@$(if $(T),,TENANTRY_LONG=1 TEST_TIMEOUT=3600 tests/run $(BUILD) lost_answers)
asan tsan:
	@$(MAKE) --no-print-directory check FLAVOUR=$@
coverage: deps-lint
	@$(MAKE) --no-print-directory check FLAVOUR=coverage
	@sh tests/coverage.sh build/coverage
lint: deps-lint
	@sh tests/lint.sh
clean:
	rm -rf build

# ---- Benchmarks, as ratios within one run; T=NAME plays one of them. All their programs are linked here and nowhere else.
BENCH_MAIN := bench_client bench_ledger reconcile_files validate_bench pg_bench
BENCH_OBJ := $(BENCH_MAIN:%=$(BUILD)/tests/bench/%.o)
GEN_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/bench/gen*.c)))
BENCH := $(BENCH_MAIN:%=$(BUILD)/bench/%) $(BUILD)/bench/gen $(BUILD)/bench/duckrun
$(BUILD)/bench/gen: $(GEN_OBJ)
$(BUILD)/bench/duckrun: $(BUILD)/tests/bench/peers/duckrun.o
$(BENCH_MAIN:%=$(BUILD)/bench/%): $(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(FAKE_OBJ)
$(BENCH): $(TESTABLE_OBJ)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(TEST_LIBS)
# The same program without its journal, to measure what that costs.
UNJOURNALLED := journal_intent journal_write_intent journal_outcome journal_write_outcome journal_settled journal_item journal_note \
	journal_tenant journal_batch journal_commit
$(BUILD)/bench/tenantry-no-journal: $(BUILD)/tests/bench/no_journal.o $(TENANTRY_OBJ)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(UNJOURNALLED:%=-Wl$(comma)--wrap=%) -o $@ $^ $(LIBS)
BENCH += $(BUILD)/bench/tenantry-no-journal
benches: $(BENCH)
bench: deps-check
	@$(MAKE) --no-print-directory -s -j2 all benches
	@BUILD=$(BUILD) bash tests/bench/run.sh $(T)
-include $(BENCH_OBJ:.o=.d) $(GEN_OBJ:.o=.d) $(BUILD)/tests/bench/peers/duckrun.d
.PHONY: bench benches

# ---- Torture: of a night, the nth call of each kind fails. The shim that makes it fail is preloaded and has no sanitizer of its own.
TORTURE_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/torture/shim%,$(sort $(wildcard tests/torture/*.c))))
TORTURE := $(BUILD)/tests/torture/torture $(BUILD)/tests/torture/shim.so
$(BUILD)/tests/torture/torture: $(TORTURE_OBJ) $(DRIVER_OBJ) $(TESTABLE_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(BUILD)/tests/torture/shim.so: $(sort $(wildcard tests/torture/shim*.[ch])) tests/torture/kinds.h
	@mkdir -p $(@D)
	$(CC) -std=c11 -D_GNU_SOURCE $(WARN) $(PKG_CFLAGS) -O1 -g -fPIC -shared -o $@ $(filter %.c,$^)
drivers: $(TORTURE)
CRASH_ASAN_BUILD := FLAVOUR=crash BUILD=build/crash-asan CFLAGS='$(CFLAGS_asan) $(filter -D%,$(CFLAGS_crash))' SAN='$(SAN_asan)' \
	build/crash-asan/tenantry
torture-long: deps-check
	@$(MAKE) --no-print-directory -s -j2 all drivers
	@$(MAKE) --no-print-directory -s -j2 $(CRASH_BUILD)
	@$(MAKE) --no-print-directory -s -j2 $(CRASH_ASAN_BUILD)
	@TENANTRY_LONG=1 TEST_TIMEOUT=43200 tests/run $(BUILD) torture
check-long: torture-long
-include $(TORTURE_OBJ:.o=.d)
.PHONY: torture-long

# ---- The simulation: seeded nights of the real run against a modelled Acronis, in one process and under a clock of its own.
# SEED=N plays that world and the ones after it until NIGHTS have passed. The wrapped functions are where a night can die.
SIM_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/sim/*.c)))
SIM_WRAPPED := ledger_commit ledger_intent ledger_run_begin ledger_run_end ledger_lock_release atomic_file_commit getrandom
$(BUILD)/tests/sim/sim: $(SIM_OBJ) $(FAKE_OBJ) $(TESTABLE_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(SIM_WRAPPED:%=-Wl$(comma)--wrap=%) -o $@ $^ $(LIBS) $(TEST_LIBS)
unit: $(BUILD)/tests/sim/sim
sim: deps-check
	@$(MAKE) --no-print-directory -s -j2 $(BUILD)/tests/sim/sim
	@$(BUILD)/tests/sim/sim --seed $(or $(SEED),1) --nights $(or $(NIGHTS),10000)
sim-long: deps-check
	@$(MAKE) --no-print-directory -s -j2 $(BUILD)/tests/sim/sim
	@$(BUILD)/tests/sim/sim --seed $(or $(SEED),$$(date +%s)) --nights $(or $(NIGHTS),50000)
check-long: sim-long
-include $(SIM_OBJ:.o=.d)
.PHONY: sim sim-long

# ---- Documents from the tables of the programs: man pages, completion, the tables of the README.
DOCS := $(addprefix $(BUILD)/doc/,tenantry.1 tenantry-job.5 tenantry-sandbox.1 tenantry.bash)
docs: $(DOCS)

# It reads the tables of both programs and runs neither, so what they both happen to name alike does not matter here.
$(BUILD)/tenantry-docs: $(BUILD)/src/cli/docs_main.o $(TESTABLE_OBJ) $(SANDBOX_TESTABLE_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Wl,--allow-multiple-definition -o $@ $^ $(LIBS) $(SANDBOX_LIBS)

$(DOCS): $(BUILD)/tenantry-docs
	@mkdir -p $(@D)
	$< $(@F) > $@.tmp && mv $@.tmp $@

readme: $(BUILD)/tenantry-docs
	$< renew README.md > $(BUILD)/README.md && cp $(BUILD)/README.md README.md

# ---- Installation: mode:file:place below PREFIX. uninstall removes exactly these. The units and the cron examples get the
# real place of the program.
SHARE := share/tenantry
INSTALLED = 755:$(BUILD)/tenantry:bin/tenantry 755:$(BUILD)/tenantry-sandbox:bin/tenantry-sandbox \
	644:$(BUILD)/doc/tenantry.1:share/man/man1/tenantry.1 \
	644:$(BUILD)/doc/tenantry-sandbox.1:share/man/man1/tenantry-sandbox.1 \
	644:$(BUILD)/doc/tenantry-job.5:share/man/man5/tenantry-job.5 \
	644:$(BUILD)/doc/tenantry.bash:share/bash-completion/completions/tenantry \
	644:$(BUILD)/doc/tenantry.bash:share/bash-completion/completions/tenantry-sandbox \
	644:README.md:share/doc/tenantry/README.md 644:LICENSE:share/doc/tenantry/LICENSE \
	644:docs/run.schema.json:share/doc/tenantry/run.schema.json \
	644:docs/bss-database.md:share/doc/tenantry/docs/bss-database.md \
	$(foreach f,$(wildcard cron/*.cron cron/*.logrotate),644:$(f):$(SHARE)/$(f)) \
	$(foreach f,$(wildcard cron/*.service cron/*.timer),644:$(f):lib/systemd/system/$(notdir $(f))) \
	$(foreach f,$(wildcard jobs/*.yaml samples/*.* samples/bss/*),644:$(f):$(SHARE)/$(f)) \
	$(foreach q,pending_orders subscriptions invoices rates,644:src/bss/sql/$(q).sql:$(SHARE)/samples/bss/$(q).sql)
OWN_FOLDERS := $(SHARE)/cron $(SHARE)/jobs $(SHARE)/samples/bss $(SHARE)/samples $(SHARE) share/doc/tenantry/docs share/doc/tenantry
# Below a prefix that is the system's own (and not a staged one) the folders of others stay, empty or not.
SHARED_FOLDERS := $(if $(DESTDIR)$(filter-out /usr /usr/local,$(PREFIX)),bin share/man/man1 share/man/man5 \
	share/bash-completion/completions share/doc lib/systemd/system)

install: all docs
	@set -e; for entry in $(INSTALLED); do \
		mode=$${entry%%:*}; rest=$${entry#*:}; from=$${rest%:*}; to="$(DESTDIR)$(PREFIX)/$${rest##*:}"; \
		install -d "$${to%/*}"; install -m "$$mode" "$$from" "$$to"; \
		case $$from in cron/*) sed -i 's|/usr/local/bin/|$(PREFIX)/bin/|g' "$$to" ;; esac; \
	done
	@echo "installed below $(DESTDIR)$(PREFIX)"
uninstall:
	@for entry in $(INSTALLED); do rm -f "$(DESTDIR)$(PREFIX)/$${entry##*:}"; done
	@for folder in $(OWN_FOLDERS); do rmdir "$(DESTDIR)$(PREFIX)/$$folder" 2>/dev/null || true; done
	@! cd "$(DESTDIR)$(PREFIX)" 2>/dev/null || for folder in $(SHARED_FOLDERS); do \
		[ ! -d "$$folder" ] || rmdir -p --ignore-fail-on-non-empty "$$folder"; done
.PHONY: docs readme install uninstall

-include $(OBJ:.o=.d) $(FAKE_OBJ:.o=.d) $(DRIVER_OBJ:.o=.d) $(DRIVERS:=.d) $(UNIT_SRC:%.c=$(BUILD)/%.d)
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all unit drivers deps deps-check deps-lint demo check check-long asan tsan coverage lint clean

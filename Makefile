# One Makefile for the whole project. `make help` lists what it can do.
#
# Variables that belong to the user: CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR NS.
# VARIANT=asan builds beside the release build with the address and undefined-behaviour sanitizers,
# VARIANT=tsan with the thread sanitizer. MPI=1 builds a program whose federations can spread over
# the ranks of MPI; without it, make test links one beside the plain one.

CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
DESTDIR ?=
VARIANT ?= release
VERSION := 0.2.0-dev

B := build/$(VARIANT)
ROOMS := tracegen dataset model experiments

PACKAGES := glib-2.0 gio-2.0 gio-unix-2.0 json-glib-1.0 sqlite3 libcrypto
# What the program is built without when it is missing: libmicrohttpd (command serve).
OPTIONAL := libmicrohttpd
# Asked for once, but not before `make deps ...` has installed what there is to ask.
FOUND = $(eval FOUND := $$(foreach p,$(OPTIONAL),$$(shell pkg-config --exists $$p && echo $$p)))$(FOUND)
PKG_CFLAGS = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(PACKAGES) $(FOUND)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $$(shell pkg-config --libs $(PACKAGES) $(FOUND)))$(PKG_LIBS)

WARNINGS := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
            -Wwrite-strings -Wvla -Wformat=2 -Wno-missing-field-initializers
SANITIZE_asan := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
SANITIZE_tsan := -fsanitize=thread
SANITIZE_fuzz := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined
SANITIZE := $(SANITIZE_$(VARIANT))
ALL_CPPFLAGS = -I. -D_GNU_SOURCE -DG_LOG_DOMAIN='"adliotlog"' -DADLIOTLOG_VERSION='"$(VERSION)"' \
                $(if $(filter libmicrohttpd,$(FOUND)),-DEX_MICROHTTPD) $(CPPFLAGS) $(PKG_CFLAGS)
# Position-independent and hidden, so that the extension can be made of the same objects.
ALL_CFLAGS := -std=c11 $(WARNINGS) -ffp-contract=off -fPIC -fvisibility=hidden $(CFLAGS) $(SANITIZE)
KERNEL_CFLAGS := -O3 -ffp-contract=fast
ALL_LDFLAGS := $(LDFLAGS) $(SANITIZE)
ALL_LIBS = $(PKG_LIBS) -lm -lpthread

MPI ?=
MPI_PACKAGE := ompi-c
MPI_OBJECT := $(B)/experiments/federation_mpi.o
MPI_PROGRAM := $(B)/mpi/adliotlog
MPI_LIBS = $(shell pkg-config --libs $(MPI_PACKAGE))

SOURCES := $(filter-out experiments/main.c experiments/federation_mpi.c, \
             $(wildcard $(addsuffix /*.c,$(ROOMS))))
RESOURCES := $(wildcard $(addsuffix /*.gresource.xml,$(ROOMS)))
RESOURCE_C := $(patsubst %.gresource.xml,$(B)/%.resource.c,$(RESOURCES))
OBJECTS := $(SOURCES:%.c=$(B)/%.o) $(RESOURCE_C:.c=.o)
LIBRARY := $(B)/libadliotlog.a
PROGRAM := $(B)/adliotlog
EXTENSION := $(B)/ns2trace.so
UNIT_TESTS := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))
REFERENCE_OBJECTS := $(addprefix $(B)/tests/unit/,draw.o reference.o)
DOUBLE_OBJECTS := $(patsubst %,$(B)/double/model/%.o,array attention decoder encoder kernel \
                    kernel_portable layer network pass random team words)
# tests/fuzz/fuzz_NAME.c is a target; with replay.c it is a test, with libFuzzer (VARIANT=fuzz) a fuzzer.
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SHARED := $(addprefix $(B)/tests/fuzz/,fields.o place.o store.o)
FUZZ_OBJECTS := $(FUZZ_NAMES:%=$(B)/tests/fuzz/fuzz_%.o) $(FUZZ_SHARED) $(B)/tests/fuzz/replay.o
FUZZERS := $(FUZZ_NAMES:%=$(B)/fuzz_%)
FUZZ_SEEDS := $(B)/fuzz-seeds/made
REPLAYS := $(FUZZ_NAMES:%=$(B)/tests/replay_%)
BENCH_TOOLS := $(addprefix $(B)/bench/,kernel minimal phases rusage)
BENCH_OBJECTS := $(patsubst %.c,$(B)/%.o,$(wildcard tests/bench/*.c))

# What make deps installs, and what make deps-test adds.
DEPS := gcc libc6-dev make pkg-config libglib2.0-dev libjson-glib-dev libsqlite3-dev sqlite3 \
        libssl-dev libmicrohttpd-dev ns2 tcl tcllib gnuplot-nox
DEPS_TEST := perl clang clang-format libclang-rt-dev cppcheck shellcheck groff-base mawk libxml2-utils \
             python3 chromium curl wrk libopenmpi-dev openmpi-bin munge slurmctld slurmd slurm-client

.DELETE_ON_ERROR:
.PHONY: all deps deps-test test reproduce bench lint format sanitize fuzz fuzz-all coverage \
        install uninstall clean help

all: $(PROGRAM) $(EXTENSION) ## build the program and the SQLite extension (default)

# ---- build ---------------------------------------------------------------

# Changed flags rebuild everything: the stamp holds the flags of the last build.
FLAGS = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(KERNEL_CFLAGS) $(ALL_LDFLAGS) $(MPI:%=MPI=%)
$(B)/flags: FORCE | $(filter deps deps-test,$(MAKECMDGOALS))
	@mkdir -p $(@D)
	@pkg-config --exists $(PACKAGES) || { echo "missing libraries: run 'make deps' first" >&2; exit 1; }
	@echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || { echo '$(subst ','\'',$(FLAGS))' >$@; \
	  $(if $(filter-out $(FOUND),$(OPTIONAL)),echo "built without:" $(filter-out $(FOUND),$(OPTIONAL)) >&2;) }
.PHONY: FORCE

$(B)/model/kernel%.o $(B)/double/model/kernel%.o $(B)/tests/bench/limits.o: ALL_CFLAGS += $(KERNEL_CFLAGS)

# Its double vectors are passed between functions that are all inlined.
$(B)/double/model/kernel%.o: ALL_CFLAGS += -Wno-psabi

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The network once more, with nn_real = double, for the gradient check.
$(B)/double/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CPPFLAGS) -DNN_DOUBLE $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/%.resource.o: $(B)/%.resource.c $(B)/flags
	$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# dataset/dataset.gresource.xml -> dataset_get_resource()
$(B)/%.resource.c: %.gresource.xml
	@mkdir -p $(@D)
	glib-compile-resources --generate-source --c-name $(notdir $*) \
	  --sourcedir=$(*D) --generate-phony-targets --dependency-file=$@.d --target=$@ $<
	@sed -i '1s|^[^:]*:|$@:|' $@.d

$(LIBRARY): $(OBJECTS)
	@rm -f $@
	$(AR) rc $@ $^

$(PROGRAM): $(B)/experiments/main.o $(if $(MPI),$(MPI_OBJECT)) $(LIBRARY)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS) $(if $(MPI),$(MPI_LIBS))

$(MPI_OBJECT): ALL_CPPFLAGS += $(shell pkg-config --cflags $(MPI_PACKAGE) 2>/dev/null)
$(MPI_PROGRAM): $(B)/experiments/main.o $(MPI_OBJECT) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS) $(MPI_LIBS)

# SQLite drops an extension with its connection; what GLib was told of must stay (nodelete).
$(B)/ns2trace.o: dataset/ns2trace.c $(B)/flags
	$(CC) $(ALL_CPPFLAGS) -DDS_EXTENSION $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(EXTENSION): $(B)/ns2trace.o $(LIBRARY)
	$(CC) -shared $(ALL_LDFLAGS) -Wl,-z,nodelete,--as-needed $(if $(SANITIZE),,-Wl,-z,defs) \
	  -o $@ $^ $(PKG_LIBS)

# The library comes last, behind whatever else a test wants.
$(B)/tests/%: $(B)/tests/unit/%.o $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(LIBRARY) $(ALL_LIBS)
$(addprefix $(B)/tests/test_,attended decode gradient reference): $(REFERENCE_OBJECTS)
$(B)/tests/test_gradient: $(DOUBLE_OBJECTS)

# Without the libraries they do not use: what a helper maps counts into the memory it measures.
$(B)/bench/%: $(B)/tests/bench/%.o
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -Wl,--as-needed -o $@ $^ $(ALL_LIBS)
$(B)/bench/kernel $(B)/bench/phases: $(B)/tests/bench/limits.o $(LIBRARY)

$(B)/tests/replay_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(FUZZ_SHARED) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LIBS)

$(B)/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(FUZZ_SHARED) $(filter $(B)/tracegen/% $(B)/dataset/%,$(OBJECTS))
	$(CC) $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(ALL_LIBS)

# What fuzzing starts from, made of the committed traces.
$(FUZZ_SEEDS): tests/fuzz/seeds.sh $(wildcard tests/data/traces/*.tr)
	tests/fuzz/seeds.sh $(@D) $(filter %.tr,$^)
	@touch $@

-include $(OBJECTS:.o=.d) $(B)/experiments/main.d $(MPI_OBJECT:.o=.d) $(B)/ns2trace.d $(UNIT_TESTS:$(B)/tests/%=$(B)/tests/unit/%.d)
-include $(REFERENCE_OBJECTS:.o=.d) $(DOUBLE_OBJECTS:.o=.d)
-include $(FUZZ_OBJECTS:.o=.d) $(RESOURCE_C:=.d) $(BENCH_OBJECTS:.o=.d)
# Kept, though only rules make them on the way.
.SECONDARY: $(RESOURCE_C) $(UNIT_TESTS:$(B)/tests/%=$(B)/tests/unit/%.o) \
            $(BENCH_OBJECTS) $(FUZZ_OBJECTS)

# ---- packages ------------------------------------------------------------

APT = $(shell test "$$(id -u)" = 0 || echo sudo) env DEBIAN_FRONTEND=noninteractive apt-get
define install_missing
	@missing=$$(for p in $(1); do \
	    dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || echo $$p; done); \
	if [ -n "$$missing" ]; then echo "installing:" $$missing; \
	    $(APT) update -qq && $(APT) install -y -qq --no-install-recommends $$missing; fi
endef

deps: ## install what building and running need, if it is missing (apt)
	$(call install_missing,$(DEPS))

deps-test: ## install that, and what the tests need
	$(call install_missing,$(DEPS) $(DEPS_TEST))

# ---- run -----------------------------------------------------------------

QUICK ?=
SEEDS ?=
reproduce: all ## the paper, end to end, into results/ (QUICK=1: in under 90 s; SEEDS=N)
	$(PROGRAM) reproduce --out results $(if $(QUICK),--quick) $(if $(SEEDS),--seeds 1..$(SEEDS)) experiments/paper.ini

# ---- checks --------------------------------------------------------------

TESTS ?= $(UNIT_TESTS) $(REPLAYS) $(wildcard tests/tcl/*.test tests/cli/*.t)
test: all $(UNIT_TESTS) $(REPLAYS) $(FUZZ_SEEDS) ## run all tests (TESTS=... for some)
	@test -n "$(strip $(TESTS))" || { echo "no tests" >&2; exit 1; }
	@! pkg-config --exists $(MPI_PACKAGE) || $(MAKE) --no-print-directory $(MPI_PROGRAM)
	@BUILD=$(CURDIR)/$(B) TOP=$(CURDIR) ADLIOTLOG=$(CURDIR)/$(PROGRAM) TZ=UTC LC_ALL=C.UTF-8 \
	  prove --exec env --timer $(PROVE_FLAGS) $(TESTS)

TSAN_TESTS := $(addprefix build/tsan/tests/,test_team test_train test_decode test_vectors)
sanitize: ## build with ASan and UBSan and run all tests, then those of threads with TSan
	$(MAKE) VARIANT=asan CFLAGS='-O1 -g' test
	$(MAKE) VARIANT=tsan CFLAGS='-O1 -g' TESTS='$(TSAN_TESTS)' test

FUZZ_CC ?= clang
FUZZ_TIME ?= 60
fuzz: ## fuzz the reader with libFuzzer, sanitized (FUZZ_TIME=600: seconds in all)
	@command -v $(FUZZ_CC) >/dev/null || { echo "fuzz: no $(FUZZ_CC): run 'make deps-test' first" >&2; exit 1; }
	$(MAKE) VARIANT=fuzz CC=$(FUZZ_CC) CFLAGS='-O1 -g' fuzz-all

fuzz-all: $(FUZZERS) $(FUZZ_SEEDS)
	tests/fuzz/run.sh $(B) $(FUZZ_TIME)

C_FILES := $(wildcard $(addsuffix /*.[ch],$(ROOMS))) \
           $(wildcard tests/unit/*.[ch] tests/bench/*.[ch] tests/fuzz/*.[ch] tests/cli/*.c)
lint: ## formatting, static analysis, shell scripts, headers that stand alone
	clang-format --dry-run -Werror $(C_FILES)
	cppcheck --quiet --std=c11 --library=gtk --enable=warning,performance,portability \
	  --inline-suppr \
	  --suppress=unknownMacro --suppress=missingInclude --suppress=varFuncNullUB --error-exitcode=1 -I. $(C_FILES)
	shellcheck -x .ci/run $(wildcard tests/cli/*.t tests/*/*.sh tests/*.sh experiments/slurm/*.sbatch)
	@for h in $(filter %.h,$(C_FILES)); do \
	  $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -fsyntax-only -x c $$h || exit 1; done
	@for f in $(C_FILES); do n=$$(wc -l <$$f); [ $$n -le 600 ] || { echo "$$f: $$n lines"; exit 1; }; done

format: ## apply .clang-format
	clang-format -i $(C_FILES)

# ---- bench and coverage --------------------------------------------------

BENCH ?=
bench: all $(BENCH_TOOLS) ## speed of simulation, ingest, trainer, kernels and server on this machine (BENCH=ingest for one)
	@BUILD=$(CURDIR)/$(B) TOP=$(CURDIR) ADLIOTLOG=$(CURDIR)/$(PROGRAM) tests/bench.sh $(BENCH)

coverage: ## line coverage of the tests, into build/coverage
	$(MAKE) VARIANT=coverage CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage test
	cd build/coverage && gcov -n $(SOURCES:.c=.o) 2>/dev/null | \
	  awk -F "'" '/^File/ { file = $$2 } /^Lines/ && file ~ /^(tracegen|dataset|model|experiments)/ \
	       { print file, $$0; file = "" }' | sort | tee coverage.txt
	@test -s build/coverage/coverage.txt

# ---- install -------------------------------------------------------------

COMMANDS = simulate ingest merge pairs train federate evaluate audit detect attend score rank report reproduce sql export draw serve
SHARE = $(DESTDIR)$(PREFIX)/share/adliotlog
LIB = $(DESTDIR)$(PREFIX)/lib/adliotlog
DOC = $(DESTDIR)$(PREFIX)/share/doc/adliotlog
MAN1 = $(DESTDIR)$(PREFIX)/share/man/man1

install: all ## install program, SQLite extension, scenarios, plans, man pages and schema below PREFIX
	install -D $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/adliotlog
	install -D -m 644 $(EXTENSION) $(LIB)/ns2trace.so
	install -d $(SHARE)/scenarios/scn $(SHARE)/experiments/slurm $(MAN1) $(DOC)
	install -m 644 dataset/*.sql dataset/README.md $(DOC)
	install -m 644 scenarios/*.tcl $(SHARE)/scenarios
	install -m 644 scenarios/scn/*.tcl $(SHARE)/scenarios/scn
	install -m 644 experiments/*.ini experiments/openapi.json $(SHARE)/experiments
	install experiments/slurm/*.sbatch $(SHARE)/experiments/slurm
	$(PROGRAM) help --man >$(MAN1)/adliotlog.1
	for c in $(COMMANDS); do $(PROGRAM) $$c --man >$(MAN1)/adliotlog-$$c.1 || exit 1; done

uninstall: ## remove what install put there
	rm -rf $(SHARE) $(LIB) $(DOC) $(DESTDIR)$(PREFIX)/bin/adliotlog $(MAN1)/adliotlog.1
	rm -f $(COMMANDS:%=$(MAN1)/adliotlog-%.1)

clean: ## remove build/
	rm -rf build

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 14

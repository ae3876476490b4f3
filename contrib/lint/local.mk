# SPDX-License-Identifier: Apache-2.0
#
# make lint: every check that reads the sources; make format: lay them out.
# CHECKS="format words" runs some of the checks alone.
EXTRA_DIST += \
	.clang-format \
	.clang-tidy \
	contrib/lint/cppcheck.txt \
	contrib/lint/lint.sh

LINT_FLAGS = -I$(abs_top_srcdir)/include -I$(abs_top_srcdir)/src \
	$(JANSSON_CFLAGS) $(YAML_CFLAGS) $(CRITERION_CFLAGS)

.PHONY: lint format
lint:
	@cd $(top_srcdir) && LINT_FLAGS="$(LINT_FLAGS)" contrib/lint/lint.sh $(CHECKS)

format:
	@cd $(top_srcdir) && contrib/lint/lint.sh reformat

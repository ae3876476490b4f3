# SPDX-License-Identifier: Apache-2.0
#
# What goes beside the programs: units for init, examples, lint.
include contrib/lint/local.mk

# ---- init -----------------------------------------------------------------
# Unit and script templates hold @sbindir@, which make knows and configure
# does not (it is ${exec_prefix}/sbin until somebody overrides a directory).

units = \
	contrib/systemd/clusterd.service \
	contrib/systemd/clusterd@.service

init_scripts = \
	contrib/openrc/clusterd \
	contrib/sysv/clusterd

dropins = \
	contrib/systemd/notify-reload.conf \
	contrib/systemd/strict.conf \
	contrib/systemd/clusterd.socket

if SYSTEMD
systemdsystemunit_DATA = $(units)
endif
systemdexamplesdir = $(docdir)/systemd
dist_systemdexamples_DATA = $(dropins)
openrcdir = $(pkgdatadir)/openrc
openrc_SCRIPTS = contrib/openrc/clusterd
sysvdir = $(pkgdatadir)/sysv
sysv_SCRIPTS = contrib/sysv/clusterd

noinst_DATA = $(units)
EXTRA_DIST += \
	contrib/systemd/clusterd.service.in \
	$(init_scripts:=.in)
CLEANFILES += $(units) $(init_scripts)

FILL_UNIT = mkdir -p $(@D) && sed \
	-e 's|@sbindir[@]|$(sbindir)|g' \
	-e "s|@CONFIG[@]|$$config|g" \
	-e "s|@RUNDIR[@]|$$run|g" \
	-e "s|@FOR[@]|$$for|g"
UNIT_IN = $(top_srcdir)/contrib/systemd/clusterd.service.in

contrib/systemd/clusterd.service: $(UNIT_IN) Makefile
	$(AM_V_GEN)config=/etc/clusterd/ecosystem.yaml run=clusterd for=; \
		$(FILL_UNIT) $(UNIT_IN) >$@.tmp && mv $@.tmp $@

# systemctl start clusterd@shop: /etc/clusterd/shop.yaml
contrib/systemd/clusterd@.service: $(UNIT_IN) Makefile
	$(AM_V_GEN)config=/etc/clusterd/%i.yaml run=clusterd/%i for=' of %i'; \
		$(FILL_UNIT) $(UNIT_IN) >$@.tmp && mv $@.tmp $@

$(init_scripts): %: %.in Makefile
	$(AM_V_GEN)mkdir -p $(@D) && sed -e 's|@sbindir[@]|$(sbindir)|g' \
		$(top_srcdir)/$@.in >$@.tmp && chmod +x $@.tmp && mv $@.tmp $@

# ---- examples -------------------------------------------------------------

exampledemodir = $(docdir)/examples/demo
dist_exampledemo_DATA = contrib/examples/demo/ecosystem.yaml
examplenodedir = $(docdir)/examples/node-http
dist_examplenode_DATA = \
	contrib/examples/node-http/ecosystem.yaml \
	contrib/examples/node-http/server.js
examplepythondir = $(docdir)/examples/python
dist_examplepython_DATA = \
	contrib/examples/python/ecosystem.yaml \
	contrib/examples/python/app.py
examplegodir = $(docdir)/examples/go
dist_examplego_DATA = \
	contrib/examples/go/ecosystem.yaml \
	contrib/examples/go/go.mod \
	contrib/examples/go/main.go
examplenginxdir = $(docdir)/examples/nginx-unix
dist_examplenginx_DATA = \
	contrib/examples/nginx-unix/ecosystem.yaml \
	contrib/examples/nginx-unix/nginx.conf \
	contrib/examples/nginx-unix/server.js
examplemultidir = $(docdir)/examples/multi-app
dist_examplemulti_DATA = \
	contrib/examples/multi-app/ecosystem.yaml \
	contrib/examples/multi-app/api.js \
	contrib/examples/multi-app/mailer.js \
	contrib/examples/multi-app/web.js

# ---- the rest -------------------------------------------------------------

dist_doc_DATA = \
	README.md \
	CONTRIBUTING.md \
	NEWS.md \
	LICENSE \
	docs/architecture.md \
	docs/building.md \
	docs/configuration.md \
	docs/control.md \
	docs/init.md \
	docs/workers.md
EXTRA_DIST += \
	contrib/setup.sh \
	contrib/examples/check.sh \
	.ci/run

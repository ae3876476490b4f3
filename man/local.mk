# SPDX-License-Identifier: Apache-2.0
dist_man_MANS += \
	man/clusterd.8 \
	man/clusterctl.1 \
	man/ecosystem.yaml.5

#!/bin/sh
# Draws the passwords and the token that compose.yaml names, once: what is there stays.
set -eu
cd "$(dirname "$0")"
mkdir -p secrets
chmod 700 secrets
draw() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
keep() { [ -e "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"; }
keep database_password "$(draw)"
keep database_url "postgres://selenoscan:$(cat secrets/database_password)@db:5432/moon"
keep http_token "$(draw)"
keep grafana_password "$(draw)"
# Containers read them as users of their own; the folder keeps everybody else out.
chmod 644 secrets/*

# Installs as a distribution's package would: `make install` (prefix=/usr/local), or with DESTDIR into a folder.
# Builds with npm first where nothing is built; what is installed needs Node alone. docs/install.md has the layout.
prefix ?= /usr/local
root = $(DESTDIR)$(prefix)
lib = $(root)/lib/rbtool
share = $(root)/share

.PHONY: install uninstall

dist/share:
	npm ci
	npm run build

install: dist/share
	mkdir -p $(root)/bin $(lib)/bin $(lib)/dist $(share)/doc/rbtool
	cp package.json $(lib)
	cp bin/rbtool.js bin/package.json $(lib)/bin
	cp dist/*.cjs dist/index.js $(lib)/dist
	cp -R schemas $(lib)
	chmod 755 $(lib)/bin/rbtool.js
	ln -sf ../lib/rbtool/bin/rbtool.js $(root)/bin/rbtool
	cp -R dist/share/. $(share)
	cp README.md CHANGELOG.md LICENSE dist/THIRD-PARTY.txt $(share)/doc/rbtool

uninstall:
	rm -rf $(lib) $(root)/bin/rbtool $(share)/doc/rbtool $(share)/man/man1/rbtool.1 $(share)/man/man1/rbtool-*.1
	rm -f $(share)/bash-completion/completions/rbtool $(share)/zsh/site-functions/_rbtool
	rm -f $(share)/fish/vendor_completions.d/rbtool.fish

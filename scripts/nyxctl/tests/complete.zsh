# SPDX-License-Identifier: GPL-2.0-only
# What an interactive zsh offers when TAB is pressed.
#
# Usage: zsh -f complete.zsh FOLDER LINE...
# FOLDER has the file _nyxctl. For each line prints a NUL after what TAB makes of it, if all
# words that are offered are inserted, as zsh quotes them.

# The interactive shell reads this file too.
if [[ -n $NYX_ANSWERS ]]; then
	fpath=($NYX_FOLDER $fpath)
	autoload -Uz compinit
	compinit -D -u
	offer_all() {
		_main_complete
		compstate[insert]=all
		compstate[list]=
	}
	answer() {
		print -rN -- "$BUFFER" >>$NYX_ANSWERS
		BUFFER=
		print -n '[answered]'
	}
	zle -C offer_all complete-word offer_all
	zle -N answer
	bindkey '^I' offer_all
	bindkey '^T' answer
	PS1='[ready]'
	return
fi

zmodload zsh/zpty
export NYX_FOLDER=$1 NYX_ANSWERS=$(mktemp) TERM=dumb
shift
zpty shell zsh -f -i
zpty -w shell "source ${(q)ZSH_SCRIPT:A}"
zpty -r shell output '*\[ready\]*'
for line; do
	zpty -wn shell "$line"$'\t\024'
	zpty -r shell output '*\[answered\]*'
done
zpty -d shell
cat -- $NYX_ANSWERS
rm -- $NYX_ANSWERS

# Completion of offloader for bash. Written by write-cli-reference from the commands themselves.
_offloader_words() {
  local path=$1 previous=$2
  words= files= reply=none
  case $path in
    'offloader')
      words='--help start serve init scaffold-dataset manifest validate keys endpoint snapshot usage healthcheck doctor docs index audit bench support-bundle version'
      ;;
    'offloader start')
      words='--help'
      ;;
    'offloader serve')
      case $previous in
        --api-port) reply=''; return ;;
        --admin-port) reply=''; return ;;
        --cache-dir) reply='-d'; return ;;
      esac
      words='--help --api-port --admin-port --cache-dir --open'
      files=-f
      ;;
    'offloader init')
      case $previous in
        --out) reply='-d'; return ;;
      esac
      words='--help --out --public --force --json'
      ;;
    'offloader scaffold-dataset')
      case $previous in
        --from) reply='-f'; return ;;
        --id) reply=''; return ;;
        --tenant-column) reply=''; return ;;
        --out) reply='-f'; return ;;
      esac
      words='--help --from --id --tenant-column --out'
      ;;
    'offloader manifest')
      words='--help create validate'
      ;;
    'offloader manifest create')
      case $previous in
        --dataset) reply=''; return ;;
        --watermark) reply=''; return ;;
        --snapshot-id) reply=''; return ;;
        --out) reply='-f'; return ;;
        --delimiter) reply=''; return ;;
        --encoding) reply=''; return ;;
        --null) reply=''; return ;;
      esac
      words='--help --dataset --watermark --snapshot-id --out --delimiter --encoding --null --decimal-comma'
      files=-f
      ;;
    'offloader manifest validate')
      case $previous in
        --config) reply='-f'; return ;;
      esac
      words='--help --config --deep --json'
      files=-f
      ;;
    'offloader validate')
      case $previous in
        --config) reply='-f'; return ;;
      esac
      words='--help --config --json'
      ;;
    'offloader keys')
      words='--help create list rotate revoke expire hash'
      ;;
    'offloader keys create')
      case $previous in
        --id) reply=''; return ;;
        --tenant) reply=''; return ;;
        --endpoints) reply=''; return ;;
        --description) reply=''; return ;;
        --not-before) reply=''; return ;;
        --expires-at) reply=''; return ;;
        --allowed-cidrs) reply=''; return ;;
        --add) reply='-f'; return ;;
        --config) reply='-f'; return ;;
      esac
      words='--help --id --tenant --endpoints --description --not-before --expires-at --allowed-cidrs --add --config --json'
      ;;
    'offloader keys list')
      case $previous in
        --config) reply='-f'; return ;;
      esac
      words='--help --config --json'
      files=-f
      ;;
    'offloader keys rotate')
      case $previous in
        --file) reply='-f'; return ;;
        --config) reply='-f'; return ;;
      esac
      words='--help --file --config --json --finish --force'
      ;;
    'offloader keys revoke')
      case $previous in
        --file) reply='-f'; return ;;
        --config) reply='-f'; return ;;
      esac
      words='--help --file --config --json'
      ;;
    'offloader keys expire')
      case $previous in
        --file) reply='-f'; return ;;
        --config) reply='-f'; return ;;
        --at) reply=''; return ;;
      esac
      words='--help --file --config --json --at'
      ;;
    'offloader keys hash')
      words='--help'
      ;;
    'offloader endpoint')
      words='--help test export'
      ;;
    'offloader endpoint test')
      case $previous in
        --endpoint) reply=''; return ;;
        --url) reply=''; return ;;
        --key) reply=''; return ;;
        --params) reply=''; return ;;
        --format) reply='-W "json ndjson csv arrow parquet"'; return ;;
        --expect-status) reply=''; return ;;
      esac
      words='--help --endpoint --url --key --params --format --expect-status --json'
      ;;
    'offloader endpoint export')
      case $previous in
        --endpoint) reply=''; return ;;
        --url) reply=''; return ;;
        --key) reply=''; return ;;
        --params) reply=''; return ;;
        --out) reply='-f'; return ;;
        --format) reply='-W "ndjson csv arrow parquet"'; return ;;
      esac
      words='--help --endpoint --url --key --params --out --format --force --no-trailers --json'
      ;;
    'offloader snapshot')
      words='--help status refresh rollback'
      ;;
    'offloader snapshot status')
      case $previous in
        --admin-url) reply=''; return ;;
        --admin-token) reply=''; return ;;
      esac
      words='--help --admin-url --admin-token --json'
      ;;
    'offloader snapshot refresh')
      case $previous in
        --admin-url) reply=''; return ;;
        --admin-token) reply=''; return ;;
      esac
      words='--help --admin-url --admin-token --json --no-wait'
      ;;
    'offloader snapshot rollback')
      case $previous in
        --admin-url) reply=''; return ;;
        --admin-token) reply=''; return ;;
      esac
      words='--help --admin-url --admin-token --json --force'
      ;;
    'offloader usage')
      case $previous in
        --from) reply=''; return ;;
        --to) reply=''; return ;;
        --by) reply=''; return ;;
        --admin-url) reply=''; return ;;
        --admin-token) reply=''; return ;;
      esac
      words='--help --from --to --by --admin-url --admin-token --json --csv'
      ;;
    'offloader healthcheck')
      case $previous in
        --admin-url) reply=''; return ;;
      esac
      words='--help --admin-url'
      ;;
    'offloader doctor')
      case $previous in
        --config) reply='-f'; return ;;
        --admin-url) reply=''; return ;;
        --admin-token) reply=''; return ;;
      esac
      words='--help --config --admin-url --admin-token --json'
      ;;
    'offloader docs')
      case $previous in
        --admin-url) reply=''; return ;;
        --openapi) reply='-f'; return ;;
        --config) reply='-f'; return ;;
      esac
      words='--help --admin-url --open --openapi --config --json'
      ;;
    'offloader index')
      words='--help inspect'
      ;;
    'offloader index inspect')
      words='--help --json'
      files=-f
      ;;
    'offloader audit')
      words='--help verify'
      ;;
    'offloader audit verify')
      case $previous in
        --last-seq) reply=''; return ;;
      esac
      words='--help --last-seq --json'
      files=-f
      ;;
    'offloader bench')
      case $previous in
        --url) reply=''; return ;;
        --key) reply=''; return ;;
        --requests) reply='-f'; return ;;
        --connections) reply=''; return ;;
        --duration) reply=''; return ;;
        --warm-up) reply=''; return ;;
        --rate) reply=''; return ;;
        --timeout) reply=''; return ;;
        --csv) reply='-f'; return ;;
        --html) reply='-f'; return ;;
      esac
      words='--help --url --key --requests --connections --duration --warm-up --rate --timeout --json --csv --html'
      ;;
    'offloader support-bundle')
      case $previous in
        --config) reply='-f'; return ;;
        --admin-url) reply=''; return ;;
        --admin-token) reply=''; return ;;
        --out) reply='-f'; return ;;
      esac
      words='--help --config --admin-url --admin-token --out --json'
      ;;
    'offloader version')
      words='--help --json'
      ;;
  esac
}

_offloader() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
  local path=offloader i words files reply
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path ${COMP_WORDS[i]}" in
      'offloader start'|'offloader serve'|'offloader init'|'offloader scaffold-dataset'|'offloader manifest'|'offloader manifest create'|'offloader manifest validate'|'offloader validate'|'offloader keys'|'offloader keys create'|'offloader keys list'|'offloader keys rotate'|'offloader keys revoke'|'offloader keys expire'|'offloader keys hash'|'offloader endpoint'|'offloader endpoint test'|'offloader endpoint export'|'offloader snapshot'|'offloader snapshot status'|'offloader snapshot refresh'|'offloader snapshot rollback'|'offloader usage'|'offloader healthcheck'|'offloader doctor'|'offloader docs'|'offloader index'|'offloader index inspect'|'offloader audit'|'offloader audit verify'|'offloader bench'|'offloader support-bundle'|'offloader version') path="$path ${COMP_WORDS[i]}" ;;
    esac
  done
  _offloader_words "$path" "$previous"
  COMPREPLY=()
  compopt -o filenames 2> /dev/null
  local line
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(
    if [ "$reply" != none ]; then
      [ -z "$reply" ] || eval "compgen $reply -- \"\$current\""
    else
      compgen -W "$words" -- "$current"
      case $current in -*) ;; *) [ -z "$files" ] || compgen -f -- "$current" ;; esac
    fi)
}

complete -F _offloader offloader

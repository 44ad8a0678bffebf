" Opens a config in Vim with ALE and writes down what the language server does for it. From the environment: NODE,
" PROGRAM, CONFIG, OUT.
set nocompatible noswapfile hidden
set rtp^=/usr/share/vim-ale
let g:ale_linters = {'yaml': ['cluster-serving']}
let g:ale_hover_to_preview = 1
runtime plugin/ale.vim
call ale#linter#Define('yaml', {
\   'name': 'cluster-serving',
\   'lsp': 'stdio',
\   'executable': $NODE,
\   'command': '%e ' . shellescape($PROGRAM) . ' --stdio',
\   'project_root': {buffer -> expand('#' . buffer . ':p:h')},
\ })
execute 'edit ' . fnameescape($CONFIG)
set filetype=yaml
let s:lines = []
let s:rounds = 300
while s:rounds > 0 && len(ale#engine#GetLoclist(bufnr(''))) < 3
  sleep 100m
  let s:rounds -= 1
endwhile
for s:found in ale#engine#GetLoclist(bufnr(''))
  call add(s:lines, 'problem ' . s:found.lnum . ' ' . get(s:found, 'code', ''))
endfor
call cursor(1, 3)
ALEHover
let s:rounds = 300
while s:rounds > 0 && winnr('$') < 2
  sleep 100m
  let s:rounds -= 1
endwhile
for s:window in range(1, winnr('$'))
  if bufname(winbufnr(s:window)) !=# bufname(fnamemodify($CONFIG, ':p'))
    call add(s:lines, 'hover ' . join(getbufline(winbufnr(s:window), 1, '$'), ' '))
  endif
endfor
call writefile(s:lines, $OUT)
qa!

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
" What ALECodeAction offers for the older name of a key, without the question which of them to take.
let s:config = bufnr(fnamemodify($CONFIG, ':p'))
let s:offered = v:null
function! s:Take(data, items) abort
  let s:offered = a:items
  let s:data = a:data
endfunction
execute bufwinnr(s:config) . 'wincmd w'
call cursor(2, 3)
call ale#codefix#Execute(0, function('s:Take'))
let s:rounds = 300
while s:rounds > 0 && s:offered is v:null
  sleep 100m
  let s:rounds -= 1
endwhile
for [s:kind, s:action] in s:offered is v:null ? [] : s:offered
  if s:action.title =~# 'jobName'
    call ale#codefix#ApplyLSPCodeAction(s:data, s:action)
    break
  endif
endfor
call add(s:lines, 'fixed ' . getbufline(s:config, 2)[0])
call writefile(s:lines, $OUT)
qa!

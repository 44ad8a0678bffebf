-- Opens a config in Neovim and writes down what the language server does for it. From the environment: PROGRAM, CONFIG, OUT.
local out = assert(io.open(os.getenv('OUT'), 'w'))
local function say(...)
  out:write(table.concat({ ... }, ' ') .. '\n')
end

vim.cmd('edit ' .. vim.fn.fnameescape(os.getenv('CONFIG')))
local server = vim.lsp.start_client({
  name = 'cluster-serving',
  cmd = { os.getenv('NODE'), os.getenv('PROGRAM'), '--stdio' },
  root_dir = vim.fn.getcwd(),
})
vim.lsp.buf_attach_client(0, server)
vim.wait(30000, function() return #vim.diagnostic.get(0) >= 3 end)
for _, found in ipairs(vim.diagnostic.get(0)) do say('problem', found.lnum + 1, found.code) end

local function ask(method, params)
  params.textDocument = vim.lsp.util.make_text_document_params()
  local answers = vim.lsp.buf_request_sync(0, method, params, 10000) or {}
  for _, answer in pairs(answers) do return answer.result end
end

local hover = ask('textDocument/hover', { position = { line = 0, character = 2 } })
say('hover', (hover.contents.value:gsub('%s+', ' ')))
local items = ask('textDocument/completion', { position = { line = 4, character = 0 } })
for _, item in ipairs(items.items or items) do say('completion', item.label) end
local place = { start = { line = 1, character = 0 }, ['end'] = { line = 1, character = 3 } }
for _, action in ipairs(ask('textDocument/codeAction', { range = place, context = { diagnostics = {} } })) do
  if action.title == 'Change to jobName' then vim.lsp.util.apply_workspace_edit(action.edit, 'utf-16') end
end
say('fixed', vim.fn.getline(2))
out:close()
vim.cmd('qa!')

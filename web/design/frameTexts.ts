/** The texts that every page in a browser has, with their translations. */
export const frameChinese = {
  'Try it': '试一试',
  Monitor: '监视器',
  'HTTP interface': 'HTTP 接口',
  Pages: '页面',
  'This server asks for its API key.': '此服务器需要 API 密钥。',
  'This key is not the one that the server has.': '此密钥与服务器的不一致。',
  'API key': 'API 密钥',
  'Use This Key': '使用此密钥',
  'The page keeps it until it is closed, and sends it to this server only.':
    '页面在关闭前保留它，并且只发送给此服务器。',
  'The connection is not encrypted: others on the way can read the key.':
    '连接未加密：途中的其他人可以读到密钥。',
} as const satisfies Readonly<Record<string, string>>;

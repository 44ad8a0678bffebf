/** Parts of packages that nothing calls here, and that their packages ask for all the same. */
export const unusedParts = {
  name: 'unused parts',
  setup({ onLoad }) {
    // Forge reads stores of certificates here; it speaks no TLS, and signs and encrypts no messages.
    onLoad({ filter: /[\\/]node-forge[\\/]lib[\\/](?:aesCipherSuites|kem|pkcs7|ssh|tls)\.js$/ }, () => ({
      contents: "module.exports = require('./forge');",
    }));
    // Fastify makes validators and serializers of the schemas of routes, and no route has one here.
    onLoad({ filter: /[\\/]@fastify[\\/](?:ajv|fast-json-stringify)-compiler[\\/]index\.js$/ }, () => ({
      contents: "module.exports = () => () => { throw new Error('Routes have no schemas here.'); };",
    }));
    // With it Fastify answers requests of tests that are never sent.
    onLoad({ filter: /[\\/]light-my-request[\\/]index\.js$/ }, () => ({
      contents: "module.exports = () => { throw new Error('Requests are sent here.'); };",
    }));
  },
};

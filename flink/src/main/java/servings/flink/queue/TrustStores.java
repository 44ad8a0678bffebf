package servings.flink.queue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import servings.flink.JobSpec;

/** The certificates that Redis is checked against. */
final class TrustStores {
  private TrustStores() {}

  /** @throws IllegalStateException when the certificates cannot be read */
  static SSLSocketFactory sockets(JobSpec.TlsSpec tls) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(tls.certificates == null ? null : read(tls.certificates));
      context.init(null, trust.getTrustManagers(), null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException | IOException error) {
      throw new IllegalStateException("trust-store-unreadable: " + error.getMessage(), error);
    }
  }

  private static KeyStore read(String pem) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    ByteArrayInputStream bytes = new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(bytes))
      store.setCertificateEntry("certificate-" + store.size(), certificate);
    return store;
  }
}

// Certificates of an authority of the test's own, made with the openssl command.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { tempDir } from './process.mjs';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

export class Authority {
  constructor(scope, name = 'An authority for tests') {
    this.folder = tempDir(scope);
    this.file = join(this.folder, 'ca.pem');
    openssl('req', '-x509', ...NEW_KEY, '-keyout', join(this.folder, 'ca.key'), '-out', this.file, '-days', '30', '-subj', `/CN=${name}`);
    this.pem = readFileSync(this.file, 'utf8');
  }

  // `names` as in a certificate: 'DNS:llm.test'. Files and their texts.
  sign(id, names = 'DNS:localhost', { days = 30 } = {}) {
    const file = (end) => join(this.folder, `${id}${end}`);
    writeFileSync(file('.ext'), `subjectAltName=${names}\nextendedKeyUsage=serverAuth,clientAuth\n`);
    openssl('req', '-new', ...NEW_KEY, '-keyout', file('.key'), '-out', file('.csr'), '-subj', `/CN=${id}`);
    openssl('x509', '-req', '-in', file('.csr'), '-CA', this.file, '-CAkey', join(this.folder, 'ca.key'), '-CAcreateserial',
      '-days', String(days), '-extfile', file('.ext'), '-out', file('.pem'));
    return { certFile: file('.pem'), keyFile: file('.key'), cert: readFileSync(file('.pem'), 'utf8'), key: readFileSync(file('.key'), 'utf8') };
  }

  // The key of `signed` behind a passphrase.
  encrypted(signed) {
    const out = `${signed.keyFile}.encrypted`;
    openssl('pkey', '-in', signed.keyFile, '-aes256', '-passout', 'pass:tests', '-out', out);
    return out;
  }
}

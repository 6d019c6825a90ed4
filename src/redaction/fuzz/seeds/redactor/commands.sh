java -jar KEEP.jar -password S3CR3T -level KEEP -Dtrust.password=S3CR3T
openssl pkcs12 -passphrase "S3CR3T S3CR3T" -in KEEP.p12
curl -u KEEPuser https://KEEP.example
curl -u user:S3CR3T https://KEEP.example
curl --user "user:S3CR3T S3CR3T" --proxy-user 'p:S3CR3T' https://KEEP.example
curl \
  -u \
  user:S3CR3T https://KEEP.example
docker run -u 1000:1000 --user 10001:10001 KEEP
sort -u KEEP.txt; wget -U https://KEEP.example
args: ["--admin-token", "S3CR3T", "--config", "KEEP"]
command: ["curl","-u","user:S3CR3T","https://KEEP.example"]
flow: [--admin-token, S3CR3T, --config, KEEP]
{"args":"[\"-password\",\"S3CR3T\",\"KEEP\"]"}
list:
  - --admin-token
  - S3CR3T
  - --config
  - KEEP
  - "-token"
  - "S3CR3T S3CR3T"
  - --token
last: KEEP, non-secret KEEP, a-token KEEP

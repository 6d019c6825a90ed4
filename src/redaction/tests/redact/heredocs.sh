docker login --username KEEP --password-stdin <<EOF
S3CR3T
EOF
echo KEEP
gh auth login --with-token <<< "S3CR3T S3CR3T"
gh auth login --with-token <<<S3CR3T && echo KEEP
export API_TOKEN=$(cat <<'END'
S3CR3T
  S3CR3T
END
)
echo KEEP
private_key = <<-EOT
  S3CR3T
  S3CR3T
  EOT
kept = "KEEP"
cat > .env <<EOF
LEVEL=KEEP
PASSWORD=S3CR3T
EOF
echo KEEP
db_password = <<~OPEN
S3CR3T is never closed
S3CR3T

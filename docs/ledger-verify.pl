#!/usr/bin/perl
# Recomputes a ledger, written from docs/ledger.md alone: perl ledger-verify.pl < ledger.json
use strict; use warnings; use JSON::PP; use Digest::SHA 'sha256_hex';
my $json = JSON::PP->new->utf8->canonical;
my $entries = $json->decode(do { local $/; <STDIN> })->{items};
die "no entries\n" unless ref $entries eq 'ARRAY' && @$entries;
my ($seq, $previous, $case) = (0, '0' x 64);
for my $entry (@$entries) {
    my $hash = delete $entry->{hash} // '';
    my $whole = $hash eq sha256_hex($json->encode($entry));
    $seq++; $case //= $entry->{case};
    unless ($whole && $entry->{seq} == $seq && $entry->{previous} eq $previous && $entry->{case} eq $case) {
        print "bad $seq\n"; exit 1;
    }
    $previous = $hash;
}
print "ok $seq\n";
